/** Commands in words. Pure. */
import type { Command, CommandState, Order, ParameterValue } from '@pilothouse/contract'
import { describeSchedule, formatCount, formatExact } from '@pilothouse/signals'

/** What was ordered, as the beginning of a sentence: «Set lr to 0.01». */
export function describeOrder(order: Order): string {
  switch (order.kind) {
    case 'set':
      return `Set ${order.body.key} to ${formatParameter(order.body.value)}`
    case 'checkpoint':
      return order.body.name === null ? 'Checkpoint' : `Checkpoint «${order.body.name}»`
    case 'rollback':
      return `Back to «${order.body.name}» (step ${formatCount(order.body.step)})`
    case 'deleteCheckpoint':
      return `Delete the files of «${order.body.name}»`
    case 'copy':
      return `Copy «${order.body.name}» to the control room`
    case 'pause':
      return 'Pause'
    case 'resume':
      return 'Resume'
    case 'stop':
      return order.body.checkpointFirst ? 'Stop, with a checkpoint before' : 'Stop'
    case 'evaluate':
      return 'Evaluate'
    case 'schedule':
      return `Schedule ${describeSchedule(order.body.schedule)}`
    case 'cancelSchedule':
      return `Cancel the schedule of ${order.body.key}`
    default:
      return order satisfies never
  }
}

/** How far it has come, in words: «applied at step 41». */
export function describeProgress({
  kind,
  state,
  step,
}: Pick<Command, 'state' | 'step'> & Partial<Pick<Command, 'kind'>>): string {
  const place = step === null ? '' : ` at step ${formatCount(step)}`
  switch (state) {
    case 'created':
      return 'waits for the job to take it'
    case 'delivered':
      return kind === 'copy' ? 'the job sends it' : 'the job has it, and waits for its next control point'
    case 'applied':
      return `applied${place}`
    case 'rejected':
      return `rejected${place}`
    case 'failed':
      return `failed${place}`
    case 'expired':
      return 'expired'
    case 'superseded':
      return 'superseded by a later one'
    default:
      return state satisfies never
  }
}

/** States in which something did not happen that somebody wanted. */
export function isRefused(state: CommandState): boolean {
  return state === 'rejected' || state === 'failed' || state === 'expired'
}

/** Who gave it, and who approved that; what stands over a restart is given by pilothouse itself. */
export function nameGiver({ by, approvedBy }: Pick<Command, 'by'> & Partial<Pick<Command, 'approvedBy'>>): string {
  return `${by?.name ?? 'pilothouse'}${approvedBy ? `, approved by ${approvedBy.name}` : ''}`
}

/** A schedule comes to values with what binary adds to them: nobody wrote those digits. */
const digits = 12

/** A value with all its digits. */
export function formatParameter(value: ParameterValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return typeof value === 'number' ? formatExact(Number(value.toPrecision(digits))) : value
}
