/** What is worth telling of the step from one state of a machine to the next. */
import { type Health, readProgress } from '@pilothouse/signals'
import type { TopUpdate } from '../top-state.ts'
import type { MachineState } from './machine-state.ts'

export type TopEvent = Extract<TopUpdate, { type: 'event' }>
/** A state, as it was judged. */
export type JudgedMachine = { state: MachineState; health: Health }

/** Of two moments of the same machine; the earlier one is null where it is met for the first time. */
export function listMachineEvents(before: JudgedMachine | null, after: JudgedMachine, at: number): TopEvent[] {
  if (before === null) return []
  const found = [
    findStatus(before.state, after.state),
    findEpoch(before.state, after.state),
    findHealth(before, after),
    findLook(before.state, after.state),
  ]
  const name = nameMachine(after.state)
  return found
    .filter((one) => one !== null)
    .map(({ level, text }) => ({ type: 'event', at, level, text: `${name}: ${text}` }))
}

type Finding = Pick<TopEvent, 'level' | 'text'>

function nameMachine({ facts }: MachineState): string {
  return [`#${facts.id}`, facts.gpuName].filter((word) => word !== null).join(' ')
}

function findStatus({ facts: before }: MachineState, { facts: after }: MachineState): Finding | null {
  if (before.status === after.status) return null
  if (after.status === 'gone') return { level: 'warning', text: 'its provider no longer lists it' }
  const text = before.status === 'gone' ? `it is back, and ${after.status}` : `${after.status} (was ${before.status})`
  return { level: 'info', text }
}

/** Epochs are told of once something was known of the training: what a first look reads is old news. */
function findEpoch({ training: before }: MachineState, { training: after }: MachineState): Finding | null {
  const [was, is] = [before.reader.epoch, after.reader.epoch]
  if (was === null || is === null || before.lastLine === null) return null
  const total = after.reader.totalEpochs
  const of = total === null ? '' : `/${total}`
  if (Math.floor(is) > Math.floor(was))
    return { level: 'info', text: `epoch ${Math.floor(is) - 1 + firstOf(after)}${of} completed` }
  const isDone = isWhole(after) && !isWhole(before)
  return isDone
    ? { level: 'info', text: `epoch ${Math.floor(is) + firstOf(after)}${of} completed, the last one` }
    : null
}

/** What is added to an epoch so that the first one is 1. */
function firstOf({ reader }: MachineState['training']): number {
  return 1 - reader.epochBase
}

function isWhole({ progress }: MachineState['training']): boolean {
  return progress.at !== null && readProgress(progress, progress.at).fraction === 1
}

/** Told when it begins; an hour of it is no news. */
function findLook({ lookTrouble: before }: MachineState, { lookTrouble: after }: MachineState): Finding | null {
  if (before !== null || after === null) return null
  return { level: 'warning', text: `it cannot be looked at. ${after}` }
}

function findHealth({ health: before }: JudgedMachine, { health: after }: JudgedMachine): Finding | null {
  if (before.word === after.word) return null
  if (after.level !== 'warning' && after.level !== 'error') return null
  if (after.word === 'gone') return null // told as its status
  return { level: after.level, text: after.why === null ? after.word : `${after.word}. ${after.why}` }
}
