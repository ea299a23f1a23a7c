import type { Command } from '@pilothouse/contract'
import { isOpenCommand } from '@pilothouse/contract/wire'
import { formatDuration } from '@pilothouse/signals'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { CommandSign } from './command-sign.tsx'
import { describeOrder, describeProgress, isRefused, nameGiver } from './describe-command.ts'

/** What was ordered, by whom, when, and what became of it. */
export function CommandItem({ command, now }: { command: Command; now: number }) {
  const { id, state, createdAt, settledAt, reason, note, attempt } = command
  return (
    <li data-command={id} className="flex items-start gap-2.5 border-t border-line px-4 py-2 first:border-t-0 sm:px-6">
      <span className="pt-0.5">
        <CommandSign state={state} />
      </span>
      <div className="min-w-0 flex-1">
        <p className="wrap-anywhere">
          <span className="font-medium">{describeOrder(command)}</span>{' '}
          <span className={isRefused(state) ? 'text-bad' : 'text-muted'}>{describeProgress(command)}</span>
        </p>
        {reason === null ? null : <p className="wrap-anywhere text-muted">{reason}</p>}
        {note === null ? null : <p className="wrap-anywhere">«{note}»</p>}
        <Dotted className="text-12 text-faint">
          <Dot>{nameGiver(command)}</Dot>
          <Dot>
            <TimeAgo at={createdAt} now={now} />
          </Dot>
          {isOpenCommand(state) || settledAt === null ? null : (
            <Dot title="from the order to its end">{formatDuration(Math.max(0, settledAt - createdAt))} later</Dot>
          )}
          {attempt > 1 ? <Dot>attempt {attempt}</Dot> : null}
        </Dotted>
      </div>
    </li>
  )
}
