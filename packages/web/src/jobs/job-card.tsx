import { memo } from 'react'
import { Link } from '@tanstack/react-router'
import type { JobCard as Card } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { describeSilence, formatCount, formatDuration, formatValue } from '@pilothouse/signals'
import { formatEpoch, formatTimeLeft, ProgressBar } from '../ui/progress-bar.tsx'
import { HealthSign } from '../ui/health-sign.tsx'
import { StateSign } from '../ui/state-sign.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { SelectBox } from './selection.tsx'
import { Sparkline } from './sparkline.tsx'

/** One job at a glance. Every row has its height whatever it holds, so that nothing jumps when values change. */
export const JobCard = memo(function JobCard({ card, now }: { card: Card; now: number }) {
  const facts = [card.model, card.dataset, card.target].filter((fact) => fact !== null)
  return (
    <article className="arrives relative flex min-w-0 flex-col gap-2 rounded-lg border border-line bg-surface p-3 transition-colors hover:border-line-strong has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-offset-2 has-[a:focus-visible]:outline-accent">
      <div>
        <div className="flex items-center gap-2">
          <SelectBox card={card} />
          <StateSign state={card.state} word={false} />
          <h3 className="min-w-0 flex-1 truncate text-14 font-medium" title={card.name}>
            <Link
              to="/job/$uid"
              params={{ uid: card.uid }}
              data-job={card.uid}
              className="outline-none after:absolute after:inset-0 after:rounded-lg"
            >
              {card.name}
            </Link>
          </h3>
          <HealthSign card={card} now={now} />
          <span className="text-12 text-faint">
            <TimeAgo at={card.startedAt ?? card.createdAt} now={now} />
          </span>
        </div>
        <p className="mt-0.5 truncate text-12 text-muted" title={facts.join(' · ')}>
          {facts.length > 0 ? facts.join(' · ') : card.project}
        </p>
      </div>
      <CardMiddle card={card} now={now} />
      <CardProgress card={card} now={now} />
      <ul className="flex h-5 gap-1 overflow-hidden" aria-label="Tags">
        {card.archivedAt === null ? null : (
          <li className="rounded-sm border border-line px-1.5 text-12 leading-4.5 text-muted">archived</li>
        )}
        {card.tags.map((tag) => (
          <li key={tag} className="max-w-40 truncate rounded-sm bg-hover px-1.5 text-12 leading-5 text-muted">
            {tag}
          </li>
        ))}
      </ul>
    </article>
  )
})

/** The curve of the job; what went wrong when it failed; why it waits when it waits. */
function CardMiddle({ card, now }: { card: Card; now: number }) {
  const silence = describeSilence(card.heardAt, now, card.state)
  const words =
    card.state === 'failed'
      ? (card.diagnosis ?? card.errorMessage ?? card.stateReason ?? 'It ended with an error and left no message.')
      : (card.stateReason ?? silence)
  if (card.state === 'failed' || (!card.headline && words)) {
    return (
      <p
        className={`line-clamp-2 h-10 text-13 wrap-anywhere ${card.state === 'failed' ? 'text-bad' : 'text-muted'}`}
        title={card.errorMessage ?? undefined}
      >
        {words}
      </p>
    )
  }
  if (!card.headline)
    return (
      <p className="h-10 text-13 text-faint">
        {isEnded(card.state) ? 'No metric was logged.' : 'No metric logged yet.'}
      </p>
    )
  return (
    <div className="flex h-10 items-center gap-3">
      <div className="min-w-0 flex-1">
        <Sparkline values={card.headline.spark} />
      </div>
      <div className="w-20 shrink-0 text-right">
        <div className="truncate text-16 leading-5 font-medium">
          {card.headline.last === null ? 'NaN' : formatValue(card.headline.last)}
        </div>
        <div className="truncate text-12 text-faint" title={card.headline.key}>
          {card.headline.key}
        </div>
      </div>
    </div>
  )
}

function CardProgress({ card, now }: { card: Card; now: number }) {
  return (
    <div className="flex flex-col gap-1.5">
      <ProgressBar
        fraction={shownFraction(card)}
        state={card.state}
        label={`Progress of ${card.name}`}
        className="h-1"
      />
      <div className="flex h-4 items-center justify-between gap-3 text-12 text-muted">
        <span className="truncate">{describePlace(card)}</span>
        <span className="shrink-0 text-right whitespace-nowrap">{describeTime(card, now)}</span>
      </div>
    </div>
  )
}

function shownFraction({ state, progress }: Card): number | null {
  return state === 'completed' ? 1 : (progress?.fraction ?? null)
}

/** Step and total; else the stage it is in. */
export function describePlace({ progress, stage, state }: Card): string {
  if (progress?.step !== null && progress?.step !== undefined) {
    const total = progress.totalSteps === null ? '' : `/${formatCount(progress.totalSteps)}`
    return `step ${formatCount(progress.step)}${total}`
  }
  if (progress?.epoch !== null && progress?.epoch !== undefined) {
    return `epoch ${formatEpoch(progress.epoch)}${progress.totalEpochs === null ? '' : `/${formatEpoch(progress.totalEpochs)}`}`
  }
  return isEnded(state) ? '' : (stage ?? '')
}

/** Time left while it runs; how long it took when it is over; and silence before both. */
export function describeTime(card: Card, now: number): string {
  const silence = describeSilence(card.heardAt, now, card.state)
  if (silence) return silence
  if (card.startedAt !== null && card.endedAt !== null)
    return `${card.state === 'completed' ? 'took' : `${card.state} after`} ${formatDuration(card.endedAt - card.startedAt)}`
  if (card.state === 'running')
    return (
      formatTimeLeft(card.progress, now) ??
      (card.startedAt === null ? 'running' : `for ${formatDuration(now - card.startedAt)}`)
    )
  return card.state
}
