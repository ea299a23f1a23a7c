import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import type { Checkpoint, Job } from '@pilothouse/contract'
import { formatBytes, formatCount, formatDuration, formatValue } from '@pilothouse/signals'
import { ArrowDown, ArrowUp, MessageSquare, Pin } from 'lucide-react'
import { useMayLaunch } from '../launches/use-launches.ts'
import { TimeAgo } from '../ui/time-ago.tsx'
import { formatMeasure } from './compare-checkpoints.ts'
import { CopySign } from './copy-sign.tsx'
import { describeFate, KindWord } from './checkpoint-sign.tsx'
import { findBest, type CheckpointSort } from './list-checkpoints.ts'

export type TableProps = {
  job: Job
  /** Those that are shown, in their order, and all of the job, of which the best is told. */
  shown: readonly Checkpoint[]
  all: readonly Checkpoint[]
  /** Metrics that have columns. */
  keys: readonly string[]
  picked: readonly number[]
  sort: CheckpointSort
  now: number
  onSort: (sort: CheckpointSort) => void
  onPick: (id: number, isOn: boolean) => void
  onOpen: (id: number) => void
}

/** One checkpoint a row; what there is no room for stands in its sheet. */
export function CheckpointTable({ job, shown, all, keys, picked, sort, now, onSort, onPick, onOpen }: TableProps) {
  const best = new Map(keys.map((key) => [key, findBest(all, key, job)]))
  const head = { sort, onSort }
  const mayLaunch = useMayLaunch()
  return (
    <table className="w-full border-collapse" aria-label="Checkpoints">
      <thead className="text-12 text-muted">
        <tr>
          <th scope="col" className="w-9 pl-4">
            <span className="sr-only">Compare</span>
          </th>
          <SortHead by="name" {...head}>
            Name
          </SortHead>
          <SortHead by="step" isRight {...head}>
            Step
          </SortHead>
          <th scope="col" className={`${cell} text-right font-normal max-lg:hidden`}>
            Epoch
          </th>
          {keys.map((key, at) => (
            <SortHead key={key} by={`metric:${key}`} isRight className={at === 0 ? '' : 'max-lg:hidden'} {...head}>
              <span className="max-w-28 truncate" title={key}>
                {key}
              </span>
            </SortHead>
          ))}
          <SortHead by="bytes" isRight className="max-md:hidden" {...head}>
            Size
          </SortHead>
          <th scope="col" className={`${cell} text-right font-normal max-xl:hidden`}>
            Took
          </th>
          <SortHead by="time" className="max-md:hidden" {...head}>
            When
          </SortHead>
          {mayLaunch ? (
            <th scope="col" className="pr-4 max-md:hidden">
              <span className="sr-only">Serve</span>
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {shown.map((checkpoint) => (
          <Row
            key={checkpoint.id}
            checkpoint={checkpoint}
            keys={keys}
            best={best}
            isPicked={picked.includes(checkpoint.id)}
            hasBranches={job.branches.length > 1}
            jobUid={mayLaunch ? job.uid : null}
            now={now}
            onPick={onPick}
            onOpen={onOpen}
          />
        ))}
      </tbody>
    </table>
  )
}

const cell = 'px-2 py-1.5'

type HeadProps = Pick<TableProps, 'sort' | 'onSort'> & {
  by: CheckpointSort['by']
  isRight?: boolean
  className?: string
  children: ReactNode
}

/** Pressed it sorts, again the other way round. */
function SortHead({ by, sort, onSort, isRight = false, className = '', children }: HeadProps) {
  const isSorted = sort.by === by
  const Arrow = sort.isDown ? ArrowDown : ArrowUp
  return (
    <th
      scope="col"
      aria-sort={isSorted ? (sort.isDown ? 'descending' : 'ascending') : undefined}
      className={`${cell} font-normal ${isRight ? 'text-right' : 'text-left'} ${className}`}
    >
      <button
        type="button"
        onClick={() => onSort({ by, isDown: isSorted ? !sort.isDown : by !== 'name' })}
        className="touchable inline-flex items-center gap-1 rounded-sm hover:text-text"
      >
        {children}
        {isSorted ? <Arrow size={12} aria-hidden /> : null}
      </button>
    </th>
  )
}

type RowProps = Pick<TableProps, 'keys' | 'now' | 'onPick' | 'onOpen'> & {
  checkpoint: Checkpoint
  best: ReadonlyMap<string, number | undefined>
  isPicked: boolean
  hasBranches: boolean
  /** null: who looks may serve none. */
  jobUid: string | null
}

function Row({ checkpoint, keys, best, isPicked, hasBranches, jobUid, now, onPick, onOpen }: RowProps) {
  const { id, name, kind, step, epoch, bytes, tookMs, time, state, branch, description } = checkpoint
  const isThere = state === 'present'
  return (
    <tr data-checkpoint={id} className={`border-t border-line align-top ${isThere ? '' : 'text-muted'}`}>
      <td className="py-1.5 pl-4">
        <label className="touchable flex h-5 items-center">
          <input
            type="checkbox"
            checked={isPicked}
            onChange={({ target }) => onPick(id, target.checked)}
            aria-label={`Compare ${name}`}
            className="size-4 accent-(--accent)"
          />
        </label>
      </td>
      <td className={`${cell} max-w-0 min-w-36`} style={{ width: '100%' }}>
        <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5">
          <button
            type="button"
            onClick={() => onOpen(id)}
            className="touchable max-w-full truncate rounded-sm text-left font-medium text-text hover:text-accent"
            title={name}
          >
            {name}
          </button>
          <KindWord kind={kind} />
          {hasBranches ? <span className="text-12 text-faint">branch {branch}</span> : null}
          <Signs checkpoint={checkpoint} now={now} />
        </div>
        {description === null ? null : (
          <p className="truncate text-muted" title={description}>
            {description}
          </p>
        )}
      </td>
      <td className={`${cell} text-right`}>{formatCount(step)}</td>
      <td className={`${cell} text-right text-muted max-lg:hidden`}>{epoch === null ? '–' : formatValue(epoch)}</td>
      {keys.map((key, at) => (
        <td key={key} className={`${cell} text-right whitespace-nowrap ${at === 0 ? '' : 'max-lg:hidden'}`}>
          {best.get(key) === id ? (
            <span className="font-semibold text-good" title={`Best ${key} of all checkpoints`}>
              <span aria-hidden>★ </span>
              {formatMeasure(checkpoint, key)}
              <span className="sr-only"> (best)</span>
            </span>
          ) : (
            formatMeasure(checkpoint, key)
          )}
        </td>
      ))}
      <td className={`${cell} text-right whitespace-nowrap text-muted max-md:hidden`}>{formatBytes(bytes)}</td>
      <td className={`${cell} text-right whitespace-nowrap text-muted max-xl:hidden`}>{formatDuration(tookMs)}</td>
      <td className={`${cell} pr-4 whitespace-nowrap text-muted max-md:hidden`}>
        <TimeAgo at={time} now={now} />
      </td>
      {jobUid === null ? null : (
        <td className="py-1.5 pr-4 whitespace-nowrap max-md:hidden">
          {isThere ? <ServeLink jobUid={jobUid} checkpoint={checkpoint} /> : null}
        </td>
      )}
    </tr>
  )
}

/** To the sheet that starts an engine for it. */
function ServeLink({ jobUid, checkpoint: { id, name } }: { jobUid: string; checkpoint: Checkpoint }) {
  return (
    <Link
      to="/engines"
      search={{ serve: 'model', job: jobUid, checkpoint: id }}
      className="touchable rounded-sm text-12 text-accent hover:underline"
    >
      Serve …<span className="sr-only"> {name}</span>
    </Link>
  )
}

/** What is to be known of one at a glance: pinned, gone, spoken of, tagged. */
function Signs({ checkpoint, now }: { checkpoint: Checkpoint; now: number }) {
  const { pinned, notes, tags, state, stateReason, hidden } = checkpoint
  const fate = describeFate(checkpoint, now)
  return (
    <>
      {pinned ? (
        <span title="Pinned: no rule deletes it" className="inline-flex text-accent">
          <Pin size={12} aria-hidden />
          <span className="sr-only">pinned</span>
        </span>
      ) : null}
      {fate === undefined ? null : (
        <span
          title={stateReason ?? hidden?.reason}
          className={`rounded-sm px-1.5 text-12 ${state === 'deleting' || state === 'present' ? 'bg-warn-soft text-warn' : 'bg-bad-soft text-bad'}`}
        >
          {fate}
        </span>
      )}
      <CopySign checkpoint={checkpoint} />
      {notes > 0 ? (
        <span className="inline-flex items-center gap-1 text-12 text-faint" title="Notes on it">
          <MessageSquare size={12} aria-hidden /> {notes}
          <span className="sr-only"> notes</span>
        </span>
      ) : null}
      {tags.map((tag) => (
        <span key={tag} className="max-w-32 truncate text-12 text-muted">
          #{tag}
        </span>
      ))}
    </>
  )
}
