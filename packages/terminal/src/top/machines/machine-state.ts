/**
 * What is known of one rented machine, folded from what its provider tells, what a look at it brings, and time.
 *
 *   listed ── its provider no longer lists it ──▶ gone ── listed again ──▶ listed
 *                                                  └── for `goneKeptMs` ──▶ forgotten
 */
import type { InstanceFacts } from '@pilothouse/contract'
import type { LogPattern } from '@pilothouse/signals'
import { followBill, type MachineBill, openBill } from './machine-bill.ts'
import { type MachineTraining, readTraining, startTraining } from './machine-training.ts'
import { addPoint, emptyCurve, type ThinCurve } from './thin-curve.ts'

/** One GPU, as nvidia-smi has it; null: it does not say. */
export type GpuLook = {
  /** %. */
  use: number | null
  /** Bytes. */
  memoryUsed: number | null
  memoryTotal: number | null
  /** °C. */
  temperature: number | null
}

/** What a look at a machine brought. */
export type MachineLook = {
  /** What its log has beyond the last look, oldest first. */
  lines: readonly string[]
  gpus: readonly GpuLook[]
  /** What is to be said of how it was looked at, one sentence. */
  note?: string | null
}

/** Figures of its GPUs; %. */
export type MachineUse = { use: number | null; memory: number | null; temperature: number | null; at: number }

export type MachineState = {
  facts: InstanceFacts
  /** When its provider last told of it, ms. */
  toldAt: number
  /** Since when it is no longer listed, ms. */
  goneAt: number | null
  bill: MachineBill
  training: MachineTraining
  /** Of the newest look; null: none has brought any. */
  looked: MachineUse | null
  /** When a look last succeeded, ms. */
  lookedAt: number | null
  /** Why looks fail now, one sentence. */
  lookTrouble: string | null
  /** How the newest look came about, where that is to be said. */
  lookNote: string | null
  /** Since when its GPUs have had next to nothing to do, ms. */
  idleSince: number | null
  useCurve: ThinCurve
  memoryCurve: ThinCurve
}

/** For so long one that vanished is shown. */
export const goneKeptMs = 30 * 60_000
/** Figures of a look are taken before those of the provider for so long. */
const lookCountsMs = 60_000
/** A beginning that moved by more is another beginning. */
const sameStartMs = 60_000

/** A machine that is listed for the first time. */
export function meetMachine(facts: InstanceFacts, now: number): MachineState {
  const fresh: MachineState = {
    facts,
    toldAt: now,
    goneAt: null,
    bill: openBill(facts, now),
    training: startTraining(),
    looked: null,
    lookedAt: null,
    lookTrouble: null,
    lookNote: null,
    idleSince: null,
    useCurve: emptyCurve,
    memoryCurve: emptyCurve,
  }
  return fresh
}

/** Its provider tells of it. `idleTo`: a use of so much or less is none, %. */
export function takeFacts(
  before: MachineState,
  facts: InstanceFacts,
  { now, idleTo }: { now: number; idleTo: number },
): MachineState {
  const bill = followBill(before.bill, facts, now)
  const isAnew = beginsAnew(before.facts, facts)
  const kept = isAnew ? { ...before, training: startTraining(), looked: null } : before
  const next = { ...kept, facts, bill, toldAt: now, goneAt: null }
  return countUse(next, before, { now, idleTo })
}

/** Its provider lists others, and no longer this one. */
export function markGone(before: MachineState, now: number): MachineState {
  if (before.goneAt !== null) return before
  const facts: InstanceFacts = { ...before.facts, status: 'gone', rawStatus: null, statusText: null }
  return { ...before, facts, goneAt: now, idleSince: null, bill: followBill(before.bill, facts, now) }
}

/** True once it has been gone for so long that it need not be shown. */
export function isForgotten({ goneAt }: MachineState, now: number): boolean {
  return goneAt !== null && now - goneAt >= goneKeptMs
}

type LookContext = { now: number; idleTo: number; patterns: readonly LogPattern[] }

/** A look at it succeeded. */
export function takeLook(
  before: MachineState,
  look: MachineLook,
  { now, idleTo, patterns }: LookContext,
): MachineState {
  const training = readTraining(before.training, look.lines, { at: now, since: before.facts.startedAt, patterns })
  const looked = look.gpus.length > 0 ? { ...sumUp(look.gpus), at: now } : before.looked
  const next = { ...before, training, looked, lookedAt: now, lookTrouble: null, lookNote: look.note ?? null }
  return countUse(next, before, { now, idleTo })
}

/** Figures of its GPUs as they are known best: seen on the machine itself, else as its provider tells them. */
export function readUse({ facts, looked, toldAt }: MachineState): MachineUse {
  if (looked !== null && toldAt - looked.at < lookCountsMs) return looked
  const { used, total } = facts.gpuMemory
  return { use: facts.gpuUse, memory: toShare(used, total), temperature: facts.gpuTemperature, at: toldAt }
}

function beginsAnew(before: InstanceFacts, after: InstanceFacts): boolean {
  const hadEnded = before.status === 'stopped' || before.status === 'exited' || before.status === 'loading'
  if (hadEnded && after.status === 'running') return true
  if (before.startedAt === null || after.startedAt === null) return false
  return after.startedAt - before.startedAt > sameStartMs
}

function countUse(
  next: MachineState,
  before: MachineState,
  { now, idleTo }: { now: number; idleTo: number },
): MachineState {
  const use = readUse(next)
  const isIdle = next.facts.status === 'running' && use.use !== null && use.use <= idleTo
  const idleSince = isIdle ? Math.min(before.idleSince ?? now, now) : null
  const isFresh = use.at !== readUse(before).at || next.looked !== before.looked
  if (!isFresh || next.facts.status !== 'running') return { ...next, idleSince }
  return {
    ...next,
    idleSince,
    useCurve: use.use === null ? next.useCurve : addPoint(next.useCurve, now, use.use),
    memoryCurve: use.memory === null ? next.memoryCurve : addPoint(next.memoryCurve, now, use.memory),
  }
}

function sumUp(gpus: readonly GpuLook[]): Omit<MachineUse, 'at'> {
  const temperatures = gpus.map(({ temperature }) => temperature).filter((one) => one !== null)
  const shares = gpus.map(({ memoryUsed, memoryTotal }) => toShare(memoryUsed, memoryTotal))
  return {
    use: meanOf(gpus.map(({ use }) => use)),
    memory: meanOf(shares),
    temperature: temperatures.length === 0 ? null : Math.max(...temperatures),
  }
}

function toShare(used: number | null, total: number | null): number | null {
  return used === null || total === null || total <= 0 ? null : (used / total) * 100
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}
