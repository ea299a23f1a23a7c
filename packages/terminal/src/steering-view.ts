import type { Checkpoint, CheckpointList, Command, Parameter, ParameterList } from '@pilothouse/contract'
import {
  describeSchedule,
  formatBytes,
  formatValue,
  formatRelativeTime,
  sanitizeForTerminal,
} from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { type Cell, type Column, viewTable } from './table.ts'

type View = { paint: Paint; width: number; now: number }

const parameterColumns: readonly Column[] = [
  { title: 'PARAMETER' },
  { title: 'VALUE', align: 'right' },
  { title: 'TAKES' },
  { title: 'WAITS' },
  { title: 'WHAT', elastic: true },
]

/** Parameters of a job, and why none can be changed where that is so. */
export function viewParameters({ parameters, refusal }: ParameterList, { paint, width }: View): string[] {
  const reason = refusal === null ? [] : [paint('yellow', sanitizeForTerminal(refusal))]
  if (parameters.length === 0) return reason.length > 0 ? reason : ['This job declares no parameters.']
  const [head = '', ...lines] = viewTable(parameterColumns, parameters.map(viewParameter), width)
  return [paint('dim', head), ...lines, ...reason]
}

function viewParameter(parameter: Parameter): Cell[] {
  const { key, value, pending, description, unit } = parameter
  return [
    { text: sanitizeForTerminal(key) },
    { text: sanitizeForTerminal(String(value)) },
    { text: sanitizeForTerminal(viewDomain(parameter)) },
    { text: pending === null ? '' : sanitizeForTerminal(`→ ${String(pending.value)}`) },
    { text: sanitizeForTerminal([description, unit].filter(Boolean).join(', ')) },
  ]
}

function viewDomain({ type, min, max, choices, log }: Parameter): string {
  switch (type) {
    case 'switch':
      return 'true or false'
    case 'choice':
      return choices.map(String).join(' | ')
    case 'number':
    case 'integer':
      return `${type}${min === null ? '' : ` from ${min}`}${max === null ? '' : ` to ${max}`}${log ? ', log' : ''}`
    default:
      return type satisfies never
  }
}

const checkpointColumns: readonly Column[] = [
  { title: 'ID', align: 'right' },
  { title: 'NAME', elastic: true },
  { title: 'STEP', align: 'right' },
  { title: 'KIND' },
  { title: 'STATE' },
  { title: 'COPY' },
  { title: 'SIZE', align: 'right' },
  { title: 'MADE', align: 'right' },
  { title: 'METRICS' },
]
/** Metrics of each that are shown. */
const metricsMax = 2

/** Checkpoints of a job, newest first. */
export function viewCheckpoints({ checkpoints, total, bytes }: CheckpointList, { paint, width, now }: View): string[] {
  if (checkpoints.length === 0) return ['This job has no checkpoints.']
  const rows = checkpoints.map((one) => viewCheckpoint(one, now))
  const [head = '', ...lines] = viewTable(checkpointColumns, rows, width)
  return [paint('dim', head), ...lines, paint('dim', `${total} there, ${formatBytes(bytes)}`)]
}

function viewCheckpoint(checkpoint: Checkpoint, now: number): Cell[] {
  const { id, name, step, kind, state, bytes, time, pinned, metrics } = checkpoint
  const shown = Object.entries(metrics).slice(0, metricsMax)
  const spell = (value: number | string) => (typeof value === 'number' ? formatValue(value) : value)
  return [
    { text: String(id) },
    { text: sanitizeForTerminal(name) },
    { text: String(step) },
    { text: pinned ? `${kind}, pinned` : kind },
    { text: checkpoint.hidden === null ? state : `${state}?` },
    { text: viewCopyState(checkpoint.copy) },
    { text: formatBytes(bytes) },
    { text: formatRelativeTime(time, now) },
    { text: sanitizeForTerminal(shown.map(([key, value]) => `${key} ${spell(value)}`).join('  ')) },
  ]
}

function viewCopyState(copy: Checkpoint['copy']): string {
  if (copy?.state !== 'copying') return copy?.state ?? ''
  return `${Math.floor((100 * copy.received) / Math.max(1, copy.bytes))} %`
}

/** What is known of a checkpoint's copy in the control room, in a sentence without its reason. */
export function viewCopy({ name, copy }: Checkpoint): string {
  const what = `Copy of «${name}»`
  if (copy === null) return `${what}: there is none.`
  switch (copy.state) {
    case 'waiting':
      return `${what}: asked for.`
    case 'copying':
      return `${what}: ${formatBytes(copy.received)} of ${formatBytes(copy.bytes)} have come.`
    case 'copied':
      return `${what}: done, ${formatBytes(copy.bytes)}.`
    case 'failed':
      return `${what}: it went wrong.`
    default:
      return copy.state satisfies never
  }
}

/** What came of a command, in a sentence without its reason. */
export function viewOutcome(command: Command): string {
  const what = describeOrder(command)
  const where = command.step === null ? '' : ` at step ${command.step}`
  switch (command.state) {
    case 'applied':
      return `${what}: done${where}.`
    case 'created':
      return `${what}: asked for (command ${command.id}), the job does not know of it yet.`
    case 'delivered':
      return `${what}: asked for (command ${command.id}), the job has it and does it at its next control point.`
    case 'rejected':
      return `${what}: the job will not do it.`
    case 'failed':
      return `${what}: it went wrong${where}.`
    case 'expired':
      return `${what}: it expired.`
    case 'superseded':
      return `${what}: a later command took its place.`
    default:
      return command.state satisfies never
  }
}

function describeOrder(command: Command): string {
  switch (command.kind) {
    case 'set':
      return `${command.body.key} = ${String(command.body.value)}`
    case 'checkpoint':
      return command.body.name === null ? 'Checkpoint' : `Checkpoint «${command.body.name}»`
    case 'rollback':
      return `Back to «${command.body.name}» (step ${command.body.step})`
    case 'deleteCheckpoint':
      return `Delete «${command.body.name}»`
    case 'copy':
      return `Copy «${command.body.name}» to the control room`
    case 'pause':
      return 'Pause'
    case 'resume':
      return 'Go on'
    case 'stop':
      return 'Stop'
    case 'evaluate':
      return 'Evaluate'
    case 'schedule':
      return `Schedule: ${describeSchedule(command.body.schedule)}`
    case 'cancelSchedule':
      return `Cancel the schedule of ${command.body.key}`
    default:
      return command satisfies never
  }
}
