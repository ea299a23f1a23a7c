import { Link } from '@tanstack/react-router'
import type { Evidence, Finding, Job } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { Button } from '../ui/button.tsx'
import { CodeWords } from '../ui/code-words.tsx'
import { DisclosureBar } from '../ui/disclosure-bar.tsx'
import { FoldedExcerpt, LogExcerpt } from './log-excerpt.tsx'
import { isDiagnosed, useDiagnosis } from './use-diagnosis.ts'

/** What a job failed of, as far as it can be known: meaning first, then the evidence, then what to try. */
export function Diagnosis({ job }: { job: Job }) {
  return isDiagnosed(job.state) ? <DiagnosisOfEnd job={job} /> : null
}

function DiagnosisOfEnd({ job }: { job: Job }) {
  const { data, error, isPending, refetch } = useDiagnosis(job)
  if (isPending) return <Skeleton />
  if (!data) return <Unread error={error} onRetry={() => void refetch()} />
  const { findings, place } = data
  const [first, ...others] = findings
  if (!first && !place) return null
  return (
    <section aria-labelledby="diagnosis-title" className="rounded-lg border border-line bg-surface">
      <h2 id="diagnosis-title" className="px-4 pt-2.5 text-12 text-muted">
        {first ? 'Diagnosis' : 'The last error in the log'}
      </h2>
      {first ? <FindingView finding={first} /> : null}
      {others.map((finding) => (
        <details key={finding.rule} className="group border-t border-line">
          <DisclosureBar>
            <h3 className="min-w-0 font-medium wrap-anywhere">{finding.title}</h3>
            <Standing finding={finding} />
          </DisclosureBar>
          <FindingBody finding={finding} />
        </details>
      ))}
      {place && first ? <FoldedExcerpt place={place} /> : null}
      {place && !first ? <LogExcerpt place={place} /> : null}
    </section>
  )
}

function FindingView({ finding }: { finding: Finding }) {
  return (
    <div className="pt-0.5">
      <div className="flex flex-wrap items-baseline gap-x-2 px-4 pb-1">
        <h3 className="min-w-0 text-14 font-semibold wrap-anywhere">{finding.title}</h3>
        <Standing finding={finding} isFirst />
      </div>
      <FindingBody finding={finding} />
    </div>
  )
}

function FindingBody({ finding: { meaning, evidence, tries } }: { finding: Finding }) {
  return (
    <div className="flex flex-col gap-2 px-4 pb-3">
      <p className="max-w-[80ch] wrap-anywhere text-muted">
        <CodeWords words={meaning} />
      </p>
      <ul aria-label="Evidence" className="flex min-w-0 flex-col gap-1">
        {evidence.map((one) => (
          <li key={`${one.kind} ${one.kind === 'line' ? one.n : ''}`} className="min-w-0">
            <EvidenceView evidence={one} />
          </li>
        ))}
      </ul>
      <div>
        <h4 className="text-12 text-muted">Try</h4>
        <ul className="flex max-w-[80ch] list-disc flex-col gap-1 pt-0.5 pl-4.5 marker:text-faint">
          {tries.map((words) => (
            <li key={words} className="wrap-anywhere">
              <CodeWords words={words} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

/** How sure it is, in words; nothing where it is sure. A consequence stands first only where no cause was found. */
function Standing({ finding: { role, certainty }, isFirst = false }: { finding: Finding; isFirst?: boolean }) {
  const place = isFirst ? 'its cause is not known' : 'a consequence'
  const words = [certainty === 'certain' ? null : certainty, role === 'consequence' ? place : null]
  const said = words.filter((word) => word !== null).join(', ')
  return said === '' ? null : <span className="text-12 text-muted">{said}</span>
}

const evidenceClass =
  'flex min-h-7 min-w-0 items-baseline gap-3 rounded-md border border-line bg-sunken px-2.5 py-1 font-mono text-12 leading-[19px]'

const linkClass = 'hover:border-line-strong hover:bg-hover pointer-coarse:py-3'

function EvidenceView({ evidence }: { evidence: Evidence }) {
  switch (evidence.kind) {
    case 'line':
      return (
        <Link
          from="/job/$uid"
          search={({ tab: _, ...rest }) => ({ ...rest, tab: 'logs' as const, line: String(evidence.n + 1) })}
          className={`${evidenceClass} ${linkClass}`}
        >
          <EvidencePlace words={`line ${formatCount(evidence.n + 1)}`} isLink />
          <span className="min-w-0 wrap-anywhere">{evidence.text}</span>
        </Link>
      )
    case 'metric':
      return (
        <Link
          from="/job/$uid"
          search={({ tab: _, range: __, ...rest }) => ({ ...rest, tab: 'metrics' as const, keys: evidence.key })}
          className={`${evidenceClass} ${linkClass}`}
        >
          <EvidencePlace words={evidence.step === null ? 'metric' : `step ${formatCount(evidence.step)}`} isLink />
          <span className="min-w-0 wrap-anywhere">
            {evidence.key} = {evidence.value}
          </span>
        </Link>
      )
    case 'error':
    case 'outcome':
      return (
        <p className={evidenceClass}>
          <EvidencePlace words={evidence.kind === 'error' ? 'error' : 'end'} />
          <span className="min-w-0 wrap-anywhere">{evidence.text}</span>
        </p>
      )
    default:
      return evidence satisfies never
  }
}

function EvidencePlace({ words, isLink = false }: { words: string; isLink?: boolean }) {
  return <span className={`shrink-0 whitespace-nowrap ${isLink ? 'text-accent' : 'text-muted'}`}>{words}</span>
}

function Skeleton() {
  return (
    <div
      className="waits flex flex-col gap-2 rounded-lg border border-line bg-surface px-4 py-3"
      aria-busy="true"
      aria-label="The diagnosis is on its way"
    >
      <div className="h-4 w-64 max-w-full rounded-sm bg-hover" />
      <div className="h-4 w-full max-w-[60ch] rounded-sm bg-hover" />
      <div className="h-7 rounded-md bg-hover" />
    </div>
  )
}

function Unread({ error, onRetry }: { error: Error | null; onRetry: () => void }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 rounded-lg border border-line bg-surface px-4 py-3">
      <p className="min-w-0 flex-1 wrap-anywhere text-muted">
        The diagnosis could not be read: {error?.message ?? 'the server gave no reason.'}
      </p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  )
}
