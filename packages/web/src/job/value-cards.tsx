import { useMemo } from 'react'
import type { Job, LatestMetric, MetricDefinition } from '@pilothouse/contract'
import { findDefinition, isEnded, jobSource } from '@pilothouse/contract/wire'
import { formatCount, formatValue, metricDirection, groupKeys, type ModelWords } from '@pilothouse/signals'
import type { JobFeed } from '../charts/job-feed.ts'
import { useLatest, useLogged } from './use-latest.ts'

/** Beyond this many the charts tell more than the cards. */
const cardsMax = 6

/** Value, where it is going, and the best so far; of a metric of which nobody says what is best, its range. */
export function ValueCards({ job, feed }: { job: Job; feed: JobFeed }) {
  const latest = useLatest(feed)
  const logged = useLogged(feed)
  const { modelType, model } = job
  const keys = useMemo(() => (logged ? pickKeys(logged.keys, { modelType, model }) : []), [logged, modelType, model])
  const shown = keys.flatMap((key) => latest?.find((metric) => metric.key === key && metric.source === jobSource) ?? [])
  if (shown.length === 0) return null
  return (
    <ul
      aria-label={isEnded(job.state) ? 'Final values' : 'Current values'}
      className="cells grid-cols-2 rounded-lg border border-line bg-surface sm:grid-cols-[repeat(auto-fit,minmax(132px,1fr))]"
    >
      {shown.map((metric) => (
        <ValueCard
          key={metric.key}
          metric={metric}
          trend={feed.trend(metric.key)}
          direction={chooseDirection(job.metrics, metric.key)}
        />
      ))}
    </ul>
  )
}

/** What people look for first. */
function pickKeys(keys: readonly string[], words: ModelWords): string[] {
  const members = groupKeys(keys, undefined, words).flatMap((group) => group.members)
  return members.slice(0, cardsMax).map(({ key }) => key)
}

type Direction = ReturnType<typeof metricDirection>

/** The script's own word counts before the name's. */
function chooseDirection(definitions: readonly MetricDefinition[], key: string): Direction {
  const goal = findDefinition(definitions, key)?.goal
  return goal === undefined ? metricDirection(key) : goal === 'minimize' ? 'lower' : 'higher'
}

type Extreme = { text: string; title: string }

function viewExtreme({ min, minStep, max, maxStep }: LatestMetric, direction: Direction): Extreme {
  if (!Number.isFinite(min)) return { text: 'no finite value', title: 'no finite value so far' }
  if (direction === null) {
    const title = `lowest so far at step ${formatCount(minStep)}, highest at step ${formatCount(maxStep)}`
    return { text: min === max ? `always ${formatValue(min)}` : `${formatValue(min)} to ${formatValue(max)}`, title }
  }
  const [value, step, word] = direction === 'lower' ? [min, minStep, 'lowest'] : [max, maxStep, 'highest']
  return {
    text: `best ${formatValue(value)} at ${formatCount(step)}`,
    title: `${word} so far, at step ${formatCount(step)}`,
  }
}

const signs = { up: '↑', down: '↓', flat: '→' }

type CardProps = { metric: LatestMetric; trend: 'up' | 'down' | 'flat' | null; direction: Direction }

function ValueCard({ metric, trend, direction }: CardProps) {
  const { text, title } = viewExtreme(metric, direction)
  return (
    <li className="min-w-0 bg-surface px-3 py-2">
      <div className="truncate text-12 text-muted" title={metric.key}>
        {metric.key}
      </div>
      <div className="flex items-baseline gap-1.5">
        <span className={`text-20 font-medium ${Number.isFinite(metric.value) ? '' : 'text-bad'}`}>
          {formatValue(metric.value)}
        </span>
        {trend ? (
          <span className="text-14 text-muted" title={`going ${trend}`}>
            {signs[trend]}
            <span className="sr-only">going {trend}</span>
          </span>
        ) : null}
      </div>
      <div className="truncate text-12 text-faint" title={title}>
        {text}
      </div>
    </li>
  )
}
