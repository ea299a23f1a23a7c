import { Link } from '@tanstack/react-router'
import type { Diagnosis, LogLine } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { LogText, tones } from '../logs/log-row.tsx'
import { DisclosureBar } from '../ui/disclosure-bar.tsx'

type Place = NonNullable<Diagnosis['place']>

/** The line that tells most among those around it, shown when somebody asks. */
export function FoldedExcerpt({ place }: { place: Place }) {
  return (
    <details className="group border-t border-line">
      <DisclosureBar>
        <h3 className="font-medium">The log around line {formatCount(place.n + 1)}</h3>
      </DisclosureBar>
      <LogExcerpt place={place} />
    </details>
  )
}

/** The line that tells most among those around it. */
export function LogExcerpt({ place: { n, lines } }: { place: Place }) {
  return (
    <div className="pt-1 pb-1.5">
      <ol aria-label={`Lines around line ${n + 1}`} className="font-mono text-12 leading-[19px]">
        {lines.map((line) => (
          <ExcerptLine key={line.n} line={line} isIt={line.n === n} />
        ))}
      </ol>
      <Link
        from="/job/$uid"
        search={({ tab: _, ...rest }) => ({ ...rest, tab: 'logs' as const, line: String(n + 1) })}
        className="mx-4 mt-1 inline-flex min-h-7 items-center text-accent hover:underline pointer-coarse:min-h-11"
      >
        Show it in the log
      </Link>
    </div>
  )
}

function ExcerptLine({ line, isIt }: { line: LogLine; isIt: boolean }) {
  return (
    <li aria-current={isIt ? 'true' : undefined} className={`flex gap-3 px-4 ${isIt ? 'bg-bad-soft' : ''}`}>
      <span className="min-w-[4ch] shrink-0 text-right text-muted select-none">{line.n + 1}</span>
      <LogText text={line.text} tone={tones[line.level]} search="" />
    </li>
  )
}
