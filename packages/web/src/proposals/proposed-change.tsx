import type { Proposal } from '@pilothouse/contract'
import { describeSchedule } from '@pilothouse/signals'
import { ArrowRight } from 'lucide-react'
import { formatParameter } from '../commands/describe-command.ts'
import { describeRatio } from '../parameters/describe-change.ts'

/** What is proposed: from what to what, or the schedule in words. */
export function ProposedChange({ proposal }: { proposal: Proposal }) {
  if (proposal.kind === 'schedule')
    return <p className="font-medium wrap-anywhere">Schedule: {describeSchedule(proposal.schedule)}</p>
  const { key, old, value } = proposal
  const ratio = describeRatio(old, value)
  return (
    <p className="flex flex-wrap items-baseline gap-x-2">
      <span className="font-mono font-medium wrap-anywhere">{key}</span>
      <span className="flex min-w-0 items-baseline gap-1.5 font-mono">
        <span className="text-muted">{formatParameter(old)}</span>
        <ArrowRight size={12} className="shrink-0 self-center text-faint" aria-label="to" />
        <span className="min-w-0 font-medium wrap-anywhere">{formatParameter(value)}</span>
      </span>
      {ratio === undefined ? null : <span className="text-muted">{ratio}</span>}
    </p>
  )
}
