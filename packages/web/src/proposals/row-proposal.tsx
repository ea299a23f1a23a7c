import type { Parameter, Proposal } from '@pilothouse/contract'
import { CircleSlash, Hourglass } from 'lucide-react'
import { formatParameter } from '../commands/describe-command.ts'
import { TimeAgo } from '../ui/time-ago.tsx'

type RowProps = { parameter: Parameter; proposals: readonly Proposal[]; now: number }

/** In the row of a parameter: what is proposed for it, or that the last proposal was declined. */
export function RowProposal({ parameter: { key, changedAt, pending }, proposals, now }: RowProps) {
  const own = proposals.filter((one) => one.key === key)
  const open = own.filter(({ state }) => state === 'open')
  const [last] = own.toSorted((one, other) => (other.decidedAt ?? 0) - (one.decidedAt ?? 0))
  // What the job did later makes it old news.
  const isNews = last?.state === 'declined' && pending === null && (last.decidedAt ?? 0) > changedAt
  const shown = open.length > 0 ? open : isNews ? [last] : []
  return shown.map((proposal) => {
    const { id, state, by, decidedBy, decidedAt, createdAt, reason } = proposal
    const isOpen = state === 'open'
    const Sign = isOpen ? Hourglass : CircleSlash
    return (
      <p key={id} role="status" className="flex items-start gap-1.5 text-12 text-muted">
        <Sign size={14} className={`mt-0.5 shrink-0 ${isOpen ? 'text-warn' : 'text-bad'}`} aria-hidden />
        <span className="min-w-0 wrap-anywhere">
          <span className="font-medium text-text">{nameValue(proposal)}</span>{' '}
          {isOpen ? `proposed by ${by.name}` : `declined by ${decidedBy?.name ?? 'an admin'}`}{' '}
          <TimeAgo at={decidedAt ?? createdAt} now={now} />
          {isOpen ? ', waits for an admin' : reason === null ? '' : `: ${reason}`}
        </span>
      </p>
    )
  })
}

function nameValue(proposal: Proposal): string {
  return proposal.kind === 'schedule' ? 'Schedule' : `→ ${formatParameter(proposal.value)}`
}
