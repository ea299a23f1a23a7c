import { Link } from '@tanstack/react-router'
import type { BatchCard } from '@pilothouse/contract'
import { CornerDownRight } from 'lucide-react'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { BatchMenu } from './batch-actions.tsx'
import { BatchBar } from './batch-bar.tsx'
import { BatchSign } from './batch-sign.tsx'
import { describeCounts, describeShare, describeTime, formatCost, formatSpeed } from './batch-words.ts'

type RowProps = {
  batch: BatchCard
  now: number
  isPicked: boolean
  onPick: (isPicked: boolean) => void
}

/** A batch at a glance: how it stands, how fast it goes, how long it still takes. */
export function BatchRow({ batch, now, isPicked, onPick }: RowProps) {
  const { id, name, status, trouble } = batch
  return (
    <li className="rounded-lg border border-line bg-surface p-3" data-row>
      <div className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-x-3 gap-y-2 xl:grid-cols-[auto_minmax(0,5fr)_minmax(0,3fr)_minmax(360px,4fr)_auto] xl:items-center xl:gap-x-5">
        <label className="touchable flex h-5 items-center">
          <input
            type="checkbox"
            aria-label={`Pick ${name}`}
            checked={isPicked}
            onChange={(event) => onPick(event.target.checked)}
            className="size-4 accent-(--accent)"
          />
        </label>
        <div className="min-w-0">
          <div className="flex min-w-0 flex-wrap items-center gap-x-3">
            <Link
              to="/batches/$id"
              params={{ id }}
              data-batch={id}
              title={name}
              className="touchable max-w-full min-w-0 truncate rounded-sm text-14 font-medium hover:underline"
            >
              {name}
            </Link>
            <span className="text-12">
              <BatchSign status={status} />
            </span>
          </div>
          <Facts batch={batch} now={now} />
        </div>
        <div className="max-xl:order-last max-xl:col-span-full">
          <p className="flex items-baseline justify-between gap-3 pb-1 text-12 text-muted">
            <span className="min-w-0 truncate">{describeCounts(batch)}</span>
            <span className="shrink-0 font-medium text-text">{describeShare(batch)}</span>
          </p>
          <BatchBar card={batch} />
        </div>
        <div className="max-xl:order-last max-xl:col-span-full">
          <Figures batch={batch} />
        </div>
        <BatchMenu batch={batch} />
      </div>
      {trouble === null ? null : (
        <p className="mt-2 rounded-md bg-warn-soft px-2.5 py-1.5 wrap-anywhere text-warn">{trouble}</p>
      )}
    </li>
  )
}

function Facts({
  batch: { model, endpoint, owner, createdAt, parentId, priority },
  now,
}: {
  batch: BatchCard
  now: number
}) {
  return (
    <Dotted className="text-12 text-muted">
      <Dot title={endpoint}>{model ?? 'model not known yet'}</Dot>
      <Dot>{owner.name}</Dot>
      <Dot>
        <TimeAgo at={createdAt} now={now} />
      </Dot>
      {priority === 0 ? null : <Dot>priority {priority}</Dot>}
      {parentId === null ? null : (
        <Dot>
          <CornerDownRight size={12} aria-hidden className="mr-1 inline align-[-1px]" />
          sends again what failed
        </Dot>
      )}
    </Dotted>
  )
}

function Figures({ batch }: { batch: BatchCard }) {
  const time = describeTime(batch)
  const figures: [string, string, string | undefined][] = [
    ['Time', time.text, time.more],
    ['Requests/s', formatSpeed(batch.requestsPerSecond), undefined],
    ['Tokens/s', formatSpeed(batch.tokensPerSecond), undefined],
    ['Cost', formatCost(batch), undefined],
  ]
  return (
    <dl className="grid grid-cols-[minmax(0,1.9fr)_minmax(0,1.2fr)_minmax(0,1.1fr)_minmax(0,1fr)] gap-x-3 max-sm:grid-cols-2 max-sm:gap-y-2">
      {figures.map(([name, value, more]) => (
        <div key={name} className="flex min-w-0 flex-col-reverse justify-end" title={more}>
          <dt className="truncate text-12 text-muted">{more ?? name}</dt>
          <dd className="truncate font-medium">
            <span className="sr-only">{name} </span>
            {value}
          </dd>
        </div>
      ))}
    </dl>
  )
}
