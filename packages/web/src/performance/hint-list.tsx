import type { Job } from '@pilothouse/contract'
import { Lightbulb } from 'lucide-react'
import { useHints } from './use-hints.ts'

/** What the job could make more of, with the figures that say so. Nothing where nothing stands out. */
export function HintList({ job }: { job: Job }) {
  const { data: hints } = useHints(job)
  if (!hints || hints.length === 0) return null
  return (
    <section aria-labelledby="hints-title" className="rounded-lg border border-line bg-surface">
      <h2 id="hints-title" className="px-3 pt-2 pb-1 text-12 text-muted">
        What stands out
      </h2>
      <ul>
        {hints.map(({ kind, title, evidence, advice }) => (
          <li key={kind} className="flex gap-2.5 border-t border-line px-3 py-2 first:border-t-0">
            <Lightbulb size={14} aria-hidden className="mt-0.75 shrink-0 text-warn" />
            <div className="min-w-0 max-w-[90ch] wrap-anywhere">
              <p className="font-medium">{title}</p>
              <p>{evidence}</p>
              <p className="text-muted">{advice}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
