import type { ReactNode } from 'react'
import type { JobCard } from '@pilothouse/contract'
import { costAt } from '@pilothouse/contract/wire'
import { formatMoney, formatValue } from '@pilothouse/signals'
import { ProgressBar } from '../ui/progress-bar.tsx'
import { HealthSign } from '../ui/health-sign.tsx'
import { StateSign } from '../ui/state-sign.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { describePlace, describeTime } from './job-card.tsx'
import type { PlainColumn } from './job-columns.ts'

/** What stands in a column that every job has. */
export function PlainCell({ column, card, now }: { column: PlainColumn; card: JobCard; now: number }): ReactNode {
  switch (column) {
    case 'state':
      return (
        <span className="inline-flex items-center gap-2">
          <StateSign state={card.state} />
          <HealthSign card={card} now={now} />
        </span>
      )
    case 'project':
      return <Words text={card.project} />
    case 'model':
      return <Words text={card.model} />
    case 'dataset':
      return <Words text={card.dataset} />
    case 'target':
      return <Words text={card.target} />
    case 'owner':
      return <Words text={card.owner.name} />
    case 'group':
      return <Words text={card.group} />
    case 'type':
      return <Words text={card.jobType} />
    case 'kind':
      return <Words text={card.kind} />
    case 'stage':
      return <Words text={card.stage} />
    case 'tags':
      return <Words text={card.tags.length === 0 ? null : card.tags.join(', ')} />
    case 'attempts':
      return <span className="ml-auto">{card.attempt}</span>
    case 'reason':
      return <Reason card={card} />
    case 'headline':
      return <Headline card={card} />
    case 'progress':
      return <Progress card={card} />
    case 'duration':
      return <Words text={describeTime(card, now)} />
    case 'cost':
      return <Cost card={card} now={now} />
    case 'created':
      return <When at={card.createdAt} now={now} />
    case 'started':
      return <When at={card.startedAt} now={now} />
    case 'ended':
      return <When at={card.endedAt} now={now} />
    case 'heard':
      return <When at={card.heardAt} now={now} />
    default:
      return column satisfies never
  }
}

/** A value by name; one beyond all numbers is infinite. */
export function ValueCell({ value }: { value: number | string | null | undefined }) {
  if (value === undefined) return null
  if (value === null) return <span className="ml-auto text-faint">–</span>
  const shown = typeof value === 'string' ? value : isBeyond(value) ? (value > 0 ? '∞' : '−∞') : formatValue(value)
  return (
    <span className="ml-auto truncate" title={String(value)}>
      {shown}
    </span>
  )
}

function isBeyond(value: number): boolean {
  return Math.abs(value) === Number.MAX_VALUE
}

function Words({ text }: { text: string | null }) {
  return (
    <span className={`truncate ${text === null ? 'text-faint' : 'text-muted'}`} title={text ?? undefined}>
      {text ?? '–'}
    </span>
  )
}

function Cost({ card: { cost }, now }: { card: JobCard; now: number }) {
  if (!cost) return <span className="ml-auto text-faint">–</span>
  return <span className="ml-auto truncate">{formatMoney(costAt(cost, now), cost.currency)}</span>
}

function When({ at, now }: { at: number | null; now: number }) {
  return at === null ? (
    <span className="text-faint">–</span>
  ) : (
    <span className="truncate text-muted">
      <TimeAgo at={at} now={now} />
    </span>
  )
}

function Reason({ card }: { card: JobCard }) {
  const words = card.state === 'failed' ? (card.diagnosis ?? card.errorMessage ?? card.stateReason) : card.stateReason
  return (
    <span
      className={`truncate ${card.state === 'failed' ? 'text-bad' : 'text-muted'}`}
      title={card.errorMessage ?? words ?? undefined}
    >
      {words ?? '–'}
    </span>
  )
}

function Headline({ card: { headline } }: { card: JobCard }) {
  if (!headline) return <span className="text-faint">–</span>
  return (
    <>
      <span className="truncate text-faint">{headline.key}</span>
      <span className="ml-auto font-medium">{headline.last === null ? 'NaN' : formatValue(headline.last)}</span>
    </>
  )
}

function Progress({ card }: { card: JobCard }) {
  return (
    <>
      <ProgressBar
        fraction={card.state === 'completed' ? 1 : (card.progress?.fraction ?? null)}
        state={card.state}
        label={`Progress of ${card.name}`}
        className="h-1"
      />
      <span className="w-28 shrink-0 truncate text-12 text-muted">{describePlace(card)}</span>
    </>
  )
}
