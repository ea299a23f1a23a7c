import type { ReactNode } from 'react'
import type { Command, Parameter, ParameterValue } from '@pilothouse/contract'
import { isOpenCommand } from '@pilothouse/contract/wire'
import { formatExact } from '@pilothouse/signals'
import { RotateCcw } from 'lucide-react'
import { CommandSign } from '../commands/command-sign.tsx'
import { describeProgress, formatParameter, isRefused, nameGiver } from '../commands/describe-command.ts'
import { Button } from '../ui/button.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { describeRatio } from './describe-change.ts'
import { ParameterControl } from './parameter-control.tsx'
import type { DraftRow, Drafts } from './use-drafts.ts'

type RowProps = {
  parameter: Parameter
  /** The last command that was to set it, whatever became of it. */
  last: Command | undefined
  now: number
  /** Absent where it cannot be changed. */
  drafts: Drafts | undefined
  onHistory: (key: string) => void
  onSubmit: () => void
  /** True while a schedule gives it other values: then a few digits of each are enough. */
  isMoved: boolean
  /** What stands below its control besides. */
  beside: ReactNode
}

/** Of a value that moves. */
const movedDigits = 5

/** What a parameter is, what it is now, and what it is to become. */
export function ParameterRow({ parameter, last, now, drafts, onHistory, onSubmit, isMoved, beside }: RowProps) {
  const { key, description, value, unit } = parameter
  const row = drafts?.of(key)
  const shown = isMoved && typeof value === 'number' ? Number(value.toPrecision(movedDigits)) : value
  return (
    <li
      data-parameter={key}
      className="grid gap-x-6 gap-y-2 border-t border-line px-4 py-3 first:border-t-0 md:grid-cols-[minmax(0,1fr)_minmax(88px,auto)_minmax(0,1.9fr)]"
    >
      <div className="min-w-0">
        <button
          type="button"
          title={`How ${key} changed`}
          onClick={() => onHistory(key)}
          className="touchable max-w-full truncate rounded-sm text-left font-mono font-medium hover:text-accent"
        >
          {key}
        </button>
        {description === null ? null : <p className="wrap-anywhere text-muted">{description}</p>}
        <p className="text-12 text-faint">{describeBounds(parameter)}</p>
      </div>
      <div className="min-w-0 md:text-right">
        <p className="text-12 text-faint">now</p>
        <p className="font-mono text-16 font-medium wrap-anywhere" data-value={key} title={formatParameter(value)}>
          {formatParameter(shown)}
          {unit === null ? null : <span className="pl-1 font-sans text-12 font-normal text-muted">{unit}</span>}
        </p>
      </div>
      <div className="flex min-w-0 flex-col gap-1.5">
        {drafts ? (
          <ParameterControl
            parameter={parameter}
            input={drafts.inputOf(key) ?? shown}
            fault={row?.fault}
            onEnter={(input: ParameterValue) => drafts.enter(parameter, input)}
            onSettle={() => drafts.settle(parameter)}
            onSubmit={onSubmit}
            onDrop={() => drafts.drop(key)}
          />
        ) : null}
        {drafts && row ? <DraftLine row={row} drafts={drafts} /> : null}
        <Outcome parameter={parameter} last={last} now={now} />
        {beside}
      </div>
    </li>
  )
}

/** What the job takes, in words. */
function describeBounds({ type, min, max, step, log, choices }: Parameter): string {
  switch (type) {
    case 'switch':
      return 'on or off'
    case 'choice':
      return `one of ${choices.length}`
    case 'number':
    case 'integer': {
      const name = type === 'integer' ? 'whole number' : 'number'
      const bounds =
        min !== null && max !== null
          ? ` from ${formatExact(min)} to ${formatExact(max)}`
          : min !== null
            ? `, at least ${formatExact(min)}`
            : max !== null
              ? `, at most ${formatExact(max)}`
              : ', without bounds'
      const steps = step === null || (type === 'integer' && step === 1) ? '' : `, in steps of ${formatExact(step)}`
      return `${name}${bounds}${steps}${log ? ', logarithmic' : ''}`
    }
    default:
      return type satisfies never
  }
}

/** What is not sent yet, and what stands against it. */
function DraftLine({ row, drafts }: { row: DraftRow; drafts: Drafts }) {
  const { parameter, value, conflict, draft } = row
  const ratio = value === undefined ? undefined : describeRatio(parameter.value, value)
  return (
    <div className="flex flex-col gap-1" data-draft={parameter.key}>
      {conflict === undefined ? null : (
        <div role="alert" className="flex flex-wrap items-center gap-x-2 gap-y-1 rounded-md bg-warn-soft px-2 py-1">
          <span className="min-w-0 flex-1 basis-48 text-warn">While you were editing: {conflict}</span>
          <Button onClick={() => drafts.drop(parameter.key)}>Leave it so</Button>
          <Button onClick={() => drafts.keep(parameter)}>Still change it</Button>
        </div>
      )}
      {draft.error === undefined ? null : (
        <p role="alert" className="text-12 wrap-anywhere text-bad">
          Not sent: {draft.error}
        </p>
      )}
      {value === undefined ? null : (
        <p className="flex flex-wrap items-center gap-x-2 text-12 text-accent">
          <span>
            not sent yet: {formatParameter(parameter.value)} → {formatParameter(value)}
            {ratio === undefined ? '' : ` (${ratio})`}
          </span>
          <Button look="quiet" className="h-6 px-1.5 text-12" onClick={() => drafts.drop(parameter.key)}>
            <RotateCcw size={12} aria-hidden /> Undo <span className="sr-only">the change of {parameter.key}</span>
          </Button>
        </p>
      )}
    </div>
  )
}

/** What became of the last change that somebody wanted. */
function Outcome({ parameter, last, now }: Pick<RowProps, 'parameter' | 'last' | 'now'>) {
  const { pending, changedAt } = parameter
  if (pending) {
    // The list of commands may be ahead of the values: what is applied is told once the value is there.
    const isSettled = last?.id === pending.command && !isOpenCommand(last.state)
    const state = isSettled ? 'delivered' : last?.id === pending.command ? last.state : 'created'
    return (
      <p role="status" className="flex items-start gap-1.5 text-12 text-muted">
        <CommandSign state={state} />
        <span className="min-w-0 wrap-anywhere">
          <span className="font-medium text-text">→ {formatParameter(pending.value)}</span> asked for by{' '}
          {nameGiver(last?.id === pending.command ? last : pending)} <TimeAgo at={pending.createdAt} now={now} />,{' '}
          {describeProgress({ state, step: null })}
        </span>
      </p>
    )
  }
  if (!last || last.kind !== 'set') return null
  // What the job or the script did later makes it old news.
  const isOld = isRefused(last.state) ? changedAt > (last.settledAt ?? 0) : parameter.value !== last.body.value
  if (isOld) return null
  return (
    <p role="status" className="flex items-start gap-1.5 text-12 text-muted">
      <CommandSign state={last.state} />
      <span className="min-w-0 wrap-anywhere">
        {formatParameter(last.body.value)}{' '}
        <span className={isRefused(last.state) ? 'font-medium text-bad' : ''}>{describeProgress(last)}</span>,{' '}
        {nameGiver(last)} <TimeAgo at={last.settledAt ?? last.createdAt} now={now} />
        {last.reason === null ? '' : `: ${last.reason}`}
      </span>
    </p>
  )
}
