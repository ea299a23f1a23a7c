import { useState, type ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import type { Checkpoint, Job } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { formatBytes, formatCount, formatDuration, formatValue } from '@pilothouse/signals'
import { ArrowLeftRight, History, Pin, PinOff, Play, Trash2, Undo2 } from 'lucide-react'
import { formatExactTime } from '../app/format-clock-time.ts'
import { useSteeringRights, type Steering } from '../commands/use-steering.ts'
import { formatParameter } from '../commands/describe-command.ts'
import { useMayLaunch } from '../launches/use-launches.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { CopyButton } from '../ui/copyable.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { Menu, MenuAction } from '../ui/menu.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { CheckpointCopy } from './checkpoint-copy.tsx'
import { CheckpointNotes } from './checkpoint-notes.tsx'
import { describeFate, KindWord } from './checkpoint-sign.tsx'
import { CheckpointWords } from './checkpoint-words.tsx'
import { formatMeasure } from './compare-checkpoints.ts'
import { describeFiles } from './describe-files.ts'
import { findBest, listMetricKeys } from './list-checkpoints.ts'
import { RelaunchDialog } from './relaunch-dialog.tsx'
import { RollbackDialog } from './rollback-dialog.tsx'
import type { CheckpointActions } from './use-checkpoints.ts'

export type SheetProps = {
  job: Job
  checkpoint: Checkpoint
  all: readonly Checkpoint[]
  steering: Steering
  /** Why the job cannot go back to any now. */
  refusal: string | null
  /** Why the job cannot send a copy now. */
  copyRefusal: string | null
  actions: CheckpointActions
  now: number
  onCompare: (other: number) => void
  onClose: () => void
}

/** All that is known of a checkpoint, and what can be done with it. */
export function CheckpointSheet(props: SheetProps) {
  const { job, checkpoint, all, actions, now, onClose } = props
  const rights = useSteeringRights(job)
  return (
    <Sheet open title={checkpoint.name} onClose={onClose} footer={<Footer {...props} />}>
      <div className="flex flex-col gap-4 px-4 py-4 sm:px-6">
        <Facts checkpoint={checkpoint} />
        <Fate checkpoint={checkpoint} now={now} />
        <Place checkpoint={checkpoint} />
        <CheckpointCopy job={job} checkpoint={checkpoint} refusal={props.copyRefusal} now={now} />
        <CheckpointWords checkpoint={checkpoint} mayEdit={rights.checkpoint} edit={actions.edit} />
        <Values title="Metrics then" nothing="No metric was known then.">
          {listMetricKeys([checkpoint], job).map((key) => (
            <Value key={key} name={key} text={formatMeasure(checkpoint, key)}>
              {findBest(all, key, job) === checkpoint.id ? <span className="text-good">★ best</span> : null}
            </Value>
          ))}
        </Values>
        <Values title="Parameters then" nothing="The job had no parameters.">
          {Object.entries(checkpoint.parameters).map(([key, value]) => (
            <Value key={key} name={key} text={formatParameter(value)} />
          ))}
        </Values>
        <CheckpointNotes job={job} id={checkpoint.id} />
      </div>
    </Sheet>
  )
}

function Facts({ checkpoint }: { checkpoint: Checkpoint }) {
  const { kind, step, epoch, branch, attempt, time, bytes, files, tookMs, by } = checkpoint
  return (
    <div className="flex flex-col gap-1">
      <p className="flex flex-wrap items-center gap-x-2 text-14">
        <span className="font-medium">Step {formatCount(step)}</span>
        {epoch === null ? null : <span className="text-muted">epoch {formatValue(epoch)}</span>}
        <KindWord kind={kind} />
      </p>
      <Dotted className="text-muted">
        <Dot>{formatExactTime(time)}</Dot>
        <Dot>{formatBytes(bytes)}</Dot>
        {files > 1 ? <Dot>{formatCount(files)} files</Dot> : null}
        <Dot>written in {formatDuration(tookMs)}</Dot>
        <Dot>branch {branch}</Dot>
        {attempt > 1 ? <Dot>attempt {attempt}</Dot> : null}
        <Dot>{by === null ? 'by the job itself' : `asked for by ${by.name}`}</Dot>
      </Dotted>
    </div>
  )
}

/** What is wrong with its files, and what that means. */
function Fate({ checkpoint, now }: { checkpoint: Checkpoint; now: number }) {
  const fate = describeFate(checkpoint, now)
  const { state, stateReason, faultSince, hidden } = checkpoint
  if (fate === undefined) return null
  const reason = stateReason ?? hidden?.reason
  const since = faultSince ?? (state === 'present' ? hidden?.since : undefined)
  return (
    <div
      role="status"
      className={`rounded-md px-3 py-2 ${state === 'deleting' || state === 'present' ? 'bg-warn-soft text-warn' : 'bg-bad-soft text-bad'}`}
    >
      <p>
        <span className="font-medium">
          {fate.charAt(0).toUpperCase()}
          {fate.slice(1)}
          {since === undefined ? null : (
            <>
              {', noticed '}
              <TimeAgo at={since} now={now} />
            </>
          )}
          .
        </span>{' '}
        {describeFiles(checkpoint)}
      </p>
      {reason === undefined ? null : <p className="wrap-anywhere">{reason}</p>}
    </div>
  )
}

/** Where its files are, to be copied. */
function Place({ checkpoint: { uri, host, sha256, covers } }: { checkpoint: Checkpoint }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-4 gap-y-1 rounded-lg border border-line px-3 py-2">
      <dt className="text-muted">Path</dt>
      <dd className="flex items-center gap-2">
        <span className="min-w-0 flex-1 font-mono text-12 wrap-anywhere">{uri}</span>
        <CopyButton text={uri} label="Copy the path" />
      </dd>
      <dt className="text-muted">Host</dt>
      <dd className="flex items-center gap-2">
        <span className="min-w-0 flex-1 font-mono text-12 wrap-anywhere">{host}</span>
        <CopyButton text={host} label="Copy the host" />
      </dd>
      <dt className="text-muted">Covers</dt>
      <dd className="min-h-7 content-center wrap-anywhere">
        {covers.length > 0 ? covers.join(', ') : 'the script does not say'}
      </dd>
      {sha256 === null ? null : (
        <>
          <dt className="text-muted">SHA-256</dt>
          <dd className="flex items-center gap-2">
            <span className="min-w-0 flex-1 truncate font-mono text-12" title={sha256}>
              {sha256}
            </span>
            <CopyButton text={sha256} label="Copy the checksum" />
          </dd>
        </>
      )}
    </dl>
  )
}

function Values({ title, nothing, children }: { title: string; nothing: string; children: ReactNode[] }) {
  return (
    <section aria-label={title}>
      <h3 className="pb-1 text-12 text-muted">{title}</h3>
      {children.length === 0 ? <p className="text-faint">{nothing}</p> : <dl>{children}</dl>}
    </section>
  )
}

function Value({ name, text, children }: { name: string; text: string; children?: ReactNode }) {
  return (
    <div className="flex items-baseline gap-3 border-t border-line py-1 first:border-t-0">
      <dt className="min-w-0 flex-1 truncate text-muted" title={name}>
        {name}
      </dt>
      <dd className="flex items-baseline gap-3">
        {children}
        <span className="font-mono font-medium wrap-anywhere">{text}</span>
      </dd>
    </div>
  )
}

/** So many of the others are offered to compare with; in the table any two can be picked. */
const offeredMax = 20

/** What can be done with it, and why something cannot. */
function Footer({ job, checkpoint, all, steering, refusal, actions, onCompare }: SheetProps) {
  const [isRollingBack, setRollingBack] = useState(false)
  const [isRelaunching, setRelaunching] = useState(false)
  const rights = useSteeringRights(job)
  const mayLaunch = useMayLaunch()
  const { id, name, pinned, state } = checkpoint
  const others = all.filter((one) => one.id !== id).slice(0, offeredMax)
  const whyNot = refuseRollback({ checkpoint, refusal, steering, mayRollback: rights.rollback })
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap gap-2">
        {others.length > 0 ? (
          <Menu
            align="start"
            trigger={
              <Button>
                <ArrowLeftRight size={14} aria-hidden /> Compare with
              </Button>
            }
          >
            {others.map((other) => (
              <MenuAction key={other.id} onClick={() => onCompare(other.id)}>
                {other.name} <span className="text-faint">step {formatCount(other.step)}</span>
              </MenuAction>
            ))}
          </Menu>
        ) : null}
        {rights.checkpoint ? (
          <Button onClick={() => actions.edit.mutate({ id, patch: { pinned: !pinned } })}>
            {pinned ? <PinOff size={14} aria-hidden /> : <Pin size={14} aria-hidden />} {pinned ? 'Unpin' : 'Pin'}
          </Button>
        ) : null}
        {rights.deleteCheckpoint && state !== 'deleting' ? (
          <Button
            disabled={pinned || actions.remove.isPending}
            title={pinned ? 'It is pinned: unpin it first' : undefined}
            onClick={() => actions.remove.mutate({ id, name })}
          >
            <Trash2 size={14} aria-hidden /> Delete
          </Button>
        ) : null}
        {rights.deleteCheckpoint && state === 'deleting' ? (
          <Button look="primary" onClick={() => actions.restore.mutate({ id, name })}>
            <Undo2 size={14} aria-hidden /> Undo the deletion
          </Button>
        ) : null}
        {mayLaunch && state === 'present' ? (
          <Link to="/engines" search={{ serve: 'model', job: job.uid, checkpoint: id }} className={buttonClass()}>
            <Play size={14} aria-hidden /> Serve …
          </Link>
        ) : null}
        {whyNot === undefined ? (
          <Button look="primary" className="ml-auto" onClick={() => setRollingBack(true)}>
            <History size={14} aria-hidden /> Roll back …
          </Button>
        ) : null}
        {isEnded(job.state) && rights.checkpoint ? (
          <Button look="primary" className="ml-auto" onClick={() => setRelaunching(true)}>
            <History size={14} aria-hidden /> Start again …
          </Button>
        ) : null}
      </div>
      {whyNot === undefined ? null : <p className="text-12 text-muted">No way back to it now: {whyNot}</p>}
      {isRelaunching ? (
        <RelaunchDialog job={job} checkpoint={checkpoint} onClose={() => setRelaunching(false)} />
      ) : null}
      {isRollingBack ? (
        <RollbackDialog job={job} checkpoint={checkpoint} steering={steering} onClose={() => setRollingBack(false)} />
      ) : null}
    </div>
  )
}

type Asked = Pick<SheetProps, 'checkpoint' | 'refusal' | 'steering'> & { mayRollback: boolean }

/** Why the job cannot go back to it now, in words; undefined when it can. */
function refuseRollback({ checkpoint: { state, copy }, refusal, steering, mayRollback }: Asked): string | undefined {
  if (!mayRollback) return 'it takes the right to lead this job, which admins have.'
  if (refusal !== null) return refusal
  if (steering.page?.controls?.rollback?.way === 'relaunch')
    return 'this script goes back by being started again: stop it, and start it from this checkpoint.'
  if (copy?.state === 'copied' && (state === 'missing' || state === 'corrupt')) return undefined
  switch (state) {
    case 'present':
      return undefined
    case 'deleting':
      return 'it is about to be deleted. Undo that first.'
    case 'deleted':
      return 'it is deleted.'
    case 'missing':
      return 'its files are missing.'
    case 'corrupt':
      return 'its files are corrupt.'
    default:
      return state satisfies never
  }
}
