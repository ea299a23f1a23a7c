import { useState } from 'react'
import type { Command, CommandKind } from '@pilothouse/contract'
import { X } from 'lucide-react'
import { useServerNow } from '../app/services.ts'
import type { JobTab } from '../job/job-search.ts'
import { Button } from '../ui/button.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { CommandSign } from './command-sign.tsx'
import { describeOrder, describeProgress, isRefused, nameGiver } from './describe-command.ts'
import type { Steering } from './use-steering.ts'

/** What did not happen is told for so long, ms; the list has it for good. */
const toldForMs = 10 * 60_000

type SteeringLineProps = { steering: Steering; tab: JobTab; onOpen: () => void }

/** What waits for the job, and what went wrong last: one quiet line each. What the tab tells itself is left to it. */
export function SteeringLine({ steering, tab, onOpen }: SteeringLineProps) {
  const [seen, setSeen] = useState(0)
  const now = useServerNow(1_000)
  const waiting = steering.waiting.filter(({ kind }) => !toldBy(tab).includes(kind))
  const [first] = waiting
  const refused = findRefused(steering, { tab, now })
  const bad = refused && refused.id > seen ? refused : undefined
  const done = findDone(steering, { tab, now })
  if (!first && !bad && !done) return null
  return (
    <div className="flex flex-col gap-1" role="status" aria-label="What the job was told">
      {first ? (
        <Line command={first} onOpen={onOpen}>
          {describeOrder(first)} asked for by {nameGiver(first)} <TimeAgo at={first.createdAt} now={now} />,{' '}
          {describeProgress(first)}
          {waiting.length > 1 ? ` (and ${waiting.length - 1} more)` : ''}
        </Line>
      ) : null}
      {done ? (
        <Line command={done} onOpen={onOpen}>
          {describeOrder(done)} {describeProgress(done)}
        </Line>
      ) : null}
      {bad ? (
        <Line command={bad} onOpen={onOpen} onDismiss={() => setSeen(bad.id)}>
          <span className="font-medium">{describeOrder(bad)}</span> {describeProgress(bad)}
          {bad.reason === null ? '' : `: ${bad.reason}`}
        </Line>
      ) : null}
    </div>
  )
}

/** What a tab says of the commands of these kinds is nearer to where somebody looks. */
function toldBy(tab: JobTab): readonly CommandKind[] {
  if (tab === 'parameters') return ['set', 'schedule', 'cancelSchedule']
  return tab === 'checkpoints' ? ['checkpoint', 'rollback', 'copy'] : []
}

/** What a job does within a step would never be seen: that it is done is told for so long, ms. */
const doneForMs = 8_000

/** What was carried out just now and shows nowhere else: a pause is seen by the state of the job. */
function findDone({ page }: Steering, { tab, now }: { tab: JobTab; now: number }): Command | undefined {
  return page?.commands.find(
    ({ kind, state, settledAt }) =>
      state === 'applied' &&
      (kind === 'evaluate' || kind === 'checkpoint' || kind === 'rollback') &&
      !toldBy(tab).includes(kind) &&
      now - (settledAt ?? 0) < doneForMs,
  )
}

/** The newest of its kind, if it did not happen. */
function findRefused({ page }: Steering, { tab, now }: { tab: JobTab; now: number }): Command | undefined {
  const commands = page?.commands ?? []
  return commands.find(
    (one) =>
      isRefused(one.state) &&
      !((one.kind === 'set' || one.kind === 'schedule') && tab === 'parameters') &&
      now - (one.settledAt ?? 0) < toldForMs &&
      !commands.some(({ id, kind, state }) => id > one.id && kind === one.kind && state === 'applied'),
  )
}

type LineProps = { command: Command; onOpen: () => void; onDismiss?: () => void; children: React.ReactNode }

function Line({ command, onOpen, onDismiss, children }: LineProps) {
  return (
    <p className="arrives flex items-start gap-2 rounded-md bg-hover px-3 py-1">
      <span className="pt-0.5">
        <CommandSign state={command.state} />
      </span>
      <span className="line-clamp-3 min-w-0 flex-1 wrap-anywhere text-muted">{children}</span>
      <Button look="quiet" className="-my-1 text-accent" onClick={onOpen}>
        All
        <span className="sr-only"> that it was told</span>
      </Button>
      {onDismiss ? (
        <Button look="quiet" square className="-my-1 -ml-2" aria-label="Dismiss" onClick={onDismiss}>
          <X size={14} aria-hidden />
        </Button>
      ) : null}
    </p>
  )
}
