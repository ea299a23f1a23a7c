import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import type { Job } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { bindKeys } from '../app/shortcuts.ts'
import type { LogFeed } from '../logs/log-feed.ts'
import { Button } from '../ui/button.tsx'
import { useStored } from '../ui/use-stored.ts'

/** Fetched behind the first picture. */
export const LogPanel = lazy(async () => ({ default: (await import('../logs/log-panel.tsx')).LogPanel }))

/** So long the charts of an overview go first. */
const chartsFirstMs = 500
const heightMin = 120
const heightDefault = 220

/** The log at the foot of the overview: folds to its bar, and remembers its height. */
export function DockedLog({ job, feed }: { job: Job; feed: LogFeed }) {
  const isNarrow = window.matchMedia('(max-width: 640px)').matches
  const [height, setHeight] = useStored('log.height', (text) => Math.max(heightMin, Number(text) || heightDefault))
  const [fold, setFold] = useStored<string>(
    isNarrow ? 'log.fold.narrow' : 'log.fold',
    (text) => text ?? (isNarrow ? 'folded' : 'open'),
  )
  const isOpen = fold === 'open'
  const isDue = useChartsFirst()
  const panel = useRef<HTMLDivElement>(null)
  const toggle = (): void => setFold(isOpen ? 'folded' : 'open')
  useEffect(() =>
    bindKeys(({ key }) => {
      if (key === 'l') toggle()
      return key === 'l'
    }),
  )
  return (
    <div
      ref={panel}
      className="relative shrink-0 border-t border-line"
      style={isOpen ? { height: `min(${height}px, 70%)` } : {}}
    >
      {isOpen ? <Handle panel={panel} height={height} onHeight={setHeight} /> : null}
      <Suspense fallback={<EmptyPanel />}>
        {isDue ? (
          <LogPanel feed={feed} job={job} emptyWords={describeEmptyLog(job)} isOpen={isOpen}>
            <Button
              look="quiet"
              aria-expanded={isOpen}
              onClick={toggle}
              className="text-text"
              title={isOpen ? 'Fold the log (l)' : 'Open the log (l)'}
            >
              {isOpen ? <ChevronDown size={14} aria-hidden /> : <ChevronUp size={14} aria-hidden />}
              Log
            </Button>
          </LogPanel>
        ) : (
          <EmptyPanel />
        )}
      </Suspense>
    </div>
  )
}

function EmptyPanel() {
  return <div className="h-full min-h-10 bg-log pointer-coarse:min-h-12" />
}

/** True when a chart has been drawn, or when none has come in time: what draws it is not held up by the tools of the log. */
function useChartsFirst(): boolean {
  const [isDue, setDue] = useState(false)
  useEffect(() => {
    if (isDue) return undefined
    const until = performance.now() + chartsFirstMs
    const timer = setInterval(() => {
      if (performance.now() > until || document.querySelector('[data-chart][data-state="ready"]')) setDue(true)
    }, 50)
    return () => clearInterval(timer)
  }, [isDue])
  return isDue
}

/** The upper edge: dragged, or moved with the arrow keys. */
function Handle({
  panel,
  height,
  onHeight,
}: {
  panel: React.RefObject<HTMLDivElement | null>
  height: number
  onHeight: (height: number) => void
}) {
  const clamp = (wanted: number): number => Math.round(Math.min(Math.max(heightMin, wanted), window.innerHeight * 0.7))
  return (
    <div
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the log"
      aria-valuenow={height}
      aria-valuemin={heightMin}
      aria-valuemax={Math.round(window.innerHeight * 0.7)}
      tabIndex={0}
      className="absolute inset-x-0 -top-1 z-10 h-2 cursor-row-resize touch-none hover:bg-accent-soft"
      onKeyDown={(event) => {
        if (event.key === 'ArrowUp') onHeight(clamp(height + 24))
        if (event.key === 'ArrowDown') onHeight(clamp(height - 24))
      }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={(event) => {
        const bottom = panel.current?.getBoundingClientRect().bottom
        if (event.currentTarget.hasPointerCapture(event.pointerId) && bottom !== undefined)
          onHeight(clamp(bottom - event.clientY))
      }}
    />
  )
}

export function describeEmptyLog(job: Job): string {
  if (job.dataRemovedAt !== null) return 'The log was deleted by a rule of retention.'
  if ('imported' in job.config) return 'The file had no log.'
  if (isEnded(job.state)) return 'Nothing was printed.'
  return job.state === 'running' || job.state === 'paused'
    ? 'Nothing printed yet. Lines appear here as the script writes them.'
    : 'The job has not started. Its output appears here.'
}
