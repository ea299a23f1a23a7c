import type { Job, ParameterChange } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { formatParameter, nameGiver } from '../commands/describe-command.ts'
import { Button } from '../ui/button.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { describeRatio } from './describe-change.ts'
import { useChanges } from './use-parameters.ts'

type HistoryProps = {
  job: Job
  keys: readonly string[]
  /** Of this one only. */
  filter: string | undefined
  now: number
  onFilter: (key: string | undefined) => void
  /** Somebody wants to see what a change did. */
  onImpact: (change: ParameterChange) => void
}

/** How parameters changed: who, when, at which step, from what to what, and why. */
export function ChangeHistory({ job, keys, filter, now, onFilter, onImpact }: HistoryProps) {
  const found = useChanges(job.uid, filter)
  const changes = found.data?.pages.flatMap((page) => page.changes) ?? []
  const hasBranches = job.branches.length > 1
  return (
    <section aria-labelledby="history-title" className="rounded-lg border border-line bg-surface">
      <div className="flex min-h-10 flex-wrap items-center justify-between gap-2 px-4 py-1.5">
        <h2 id="history-title" className="font-medium">
          History <span className="font-normal text-faint">{formatCount(found.data?.pages[0]?.total ?? 0)}</span>
        </h2>
        {keys.length > 1 ? (
          <span className="flex items-center gap-2 text-12 text-muted">
            <span aria-hidden>Parameter</span>
            <select
              aria-label="Parameter"
              value={filter ?? ''}
              onChange={({ target }) => onFilter(target.value === '' ? undefined : target.value)}
              className="h-7 max-w-48 rounded-md border border-line bg-surface px-2 text-13 text-text pointer-coarse:h-11 pointer-coarse:text-16"
            >
              <option value="">all</option>
              {keys.map((key) => (
                <option key={key}>{key}</option>
              ))}
            </select>
          </span>
        ) : null}
      </div>
      {found.error && changes.length === 0 ? (
        <p role="alert" className="border-t border-line px-4 py-3 text-bad">
          The history could not be read: {found.error.message}
        </p>
      ) : null}
      {changes.length > 0 ? (
        <table className="w-full border-collapse max-md:hidden">
          <thead className="text-12 text-muted">
            <tr className="border-t border-line">
              {[
                'Parameter',
                'From',
                'To',
                '',
                'Step',
                ...(hasBranches ? ['Branch'] : []),
                'When',
                'Who',
                'Note',
                ' ',
              ].map((head, at) => (
                <th key={at} scope="col" className="px-2 py-1.5 text-left font-normal first:pl-4 last:pr-4">
                  {head.trim() === '' ? <span className="sr-only">{head === '' ? 'Factor' : 'Effect'}</span> : head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {changes.map((change) => (
              <ChangeRow key={change.id} change={change} now={now} hasBranches={hasBranches} onImpact={onImpact} />
            ))}
          </tbody>
        </table>
      ) : null}
      <ol aria-label="Changes" className="md:hidden">
        {changes.map((change) => (
          <ChangeEntry key={change.id} change={change} now={now} hasBranches={hasBranches} onImpact={onImpact} />
        ))}
      </ol>
      {found.hasNextPage ? (
        <div className="border-t border-line px-4 py-2">
          <Button onClick={() => void found.fetchNextPage()}>Older changes</Button>
        </div>
      ) : null}
    </section>
  )
}

type ChangeProps = { change: ParameterChange; now: number; hasBranches: boolean } & Pick<HistoryProps, 'onImpact'>

function ChangeRow({ change, now, hasBranches, onImpact }: ChangeProps) {
  const { key, old, value, step, branch, at, note } = change
  const cell = 'px-2 py-1 align-top first:pl-4 last:pr-4'
  return (
    <tr className="border-t border-line" data-change={change.id}>
      <td className={`${cell} max-w-48 truncate font-mono`} title={key}>
        {key}
      </td>
      <td className={`${cell} max-w-40 truncate font-mono text-muted`}>{old === null ? '–' : formatParameter(old)}</td>
      <td className={`${cell} max-w-40 truncate font-mono font-medium`}>{formatParameter(value)}</td>
      <td className={`${cell} whitespace-nowrap text-muted`}>{describeRatio(old, value)}</td>
      <td className={cell}>{step === null ? '–' : formatCount(step)}</td>
      {hasBranches ? <td className={`${cell} text-muted`}>{branch}</td> : null}
      <td className={`${cell} text-muted`}>
        <TimeAgo at={at} now={now} />
      </td>
      <td className={`${cell} max-w-40 truncate`} title={nameCause(change)}>
        {nameCause(change)}
      </td>
      <td className={`${cell} wrap-anywhere text-muted`}>{note}</td>
      <td className={`${cell} text-right`}>
        <ImpactButton change={change} onImpact={onImpact} />
      </td>
    </tr>
  )
}

/** The same on a phone. */
function ChangeEntry({ change, now, hasBranches, onImpact }: ChangeProps) {
  const { key, old, value, step, branch, at, note } = change
  const ratio = describeRatio(old, value)
  return (
    <li className="border-t border-line px-4 py-2">
      <p className="wrap-anywhere">
        <span className="font-mono font-medium">{key}</span>{' '}
        <span className="font-mono">
          {old === null ? '' : `${formatParameter(old)} → `}
          {formatParameter(value)}
        </span>
        {ratio === undefined ? '' : ` (${ratio})`}
      </p>
      <p className="text-12 text-muted">
        {step === null ? '' : `step ${formatCount(step)} · `}
        {hasBranches ? `branch ${branch} · ` : ''}
        <TimeAgo at={at} now={now} /> · {nameCause(change)}
      </p>
      {note === null ? null : <p className="wrap-anywhere text-muted">«{note}»</p>}
      <ImpactButton change={change} onImpact={onImpact} />
    </li>
  )
}

/** A first value is no change, and without a step nobody knows where on the curves it was. */
function ImpactButton({ change, onImpact }: Pick<ChangeProps, 'change' | 'onImpact'>) {
  const { key, step, old } = change
  if (step === null || old === null) return null
  return (
    <Button look="quiet" className="-my-0.5 h-6 px-1.5 text-12 text-accent" onClick={() => onImpact(change)}>
      Effect <span className="sr-only">{`of the change of ${key} at step ${formatCount(step)}`}</span>
    </Button>
  )
}

/** Who, or what, made the change. */
export function nameCause({
  cause,
  by,
  approvedBy,
  old,
}: Pick<ParameterChange, 'cause' | 'by' | 'approvedBy' | 'old'>): string {
  switch (cause) {
    case 'command':
      return nameGiver({ by, approvedBy })
    case 'restore':
      return 'back with its checkpoint'
    case 'schedule':
      return by ? `a schedule of ${nameGiver({ by, approvedBy })}` : 'a schedule'
    case 'script':
      return old === null ? 'first value' : 'the script'
    default:
      return cause satisfies never
  }
}
