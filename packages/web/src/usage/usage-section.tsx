import { lazy, Suspense } from 'react'
import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { type UsageFrame, usageFrames } from './usage-frame.ts'

/** Fetched when somebody wants it. */
const UsagePanel = lazy(async () => ({ default: (await import('./usage-panel.tsx')).UsagePanel }))

type SectionProps = {
  /** Whose jobs: names. */
  of: { project: string } | { target: string }
  frame: UsageFrame | undefined
  onFrame: (frame: UsageFrame | undefined) => void
}

/** What became of the jobs of a project or a target: closed, until somebody chooses a time frame. */
export function UsageSection({ of, frame, onFrame }: SectionProps) {
  return (
    <section aria-label="History" className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="flex min-h-10 flex-wrap items-center gap-x-1 pr-1 pl-3 sm:pl-4">
        <h2 className="font-medium">History</h2>
        <Link to="/costs" className="mr-auto px-2 text-12 text-accent hover:underline">
          Costs
        </Link>
        <div role="group" aria-label="Time frame" className="flex">
          {usageFrames.map((one) => (
            <Button key={one} look="quiet" aria-pressed={one === frame} onClick={() => onFrame(one)}>
              {one === 'all' ? 'All' : `${one} days`}
            </Button>
          ))}
        </div>
        {frame === undefined ? null : (
          <Button look="quiet" square aria-label="Close the history" title="Close" onClick={() => onFrame(undefined)}>
            <X size={14} aria-hidden />
          </Button>
        )}
      </div>
      {frame === undefined ? null : (
        <Suspense fallback={<div className="waits h-64 border-t border-line" aria-busy="true" />}>
          <UsagePanel of={of} frame={frame} />
        </Suspense>
      )}
    </section>
  )
}
