/**
 * Machines that are invented, each a function of the time: the same seed gives the same machines, and nothing is stored.
 * Each goes round in a circle: it is loaded, trains, and stays exited for a while.
 *
 *   loading ── loadMs ──▶ running ── its lines, one each `lineMs` ──▶ exited ── restMs ──▶ loading …
 */
import type { InstanceFacts } from '@pilothouse/contract'

const gib = 1024 ** 3
export const lineMs = 2_000
const loadMs = 45_000
const restMs = 240_000
/** Of each epoch: one line that begins it, one that ends it. */
const frameLines = 2

export type MockMachine = {
  id: string
  gpuName: string
  gpuCount: number
  gpuMemoryGib: number
  perHour: number
  region: string
  epochs: number
  stepLines: number
  /** Steps from one line to the next. */
  stride: number
  /** Mean use while it trains, %. */
  use: number
  firstLoss: number
  lastLoss: number
  /** What its trainings come to. */
  fate: 'completes' | 'fails' | 'diverges'
  /** How far in its circle it was at the time 0, ms. */
  phaseMs: number
}

export type MockMoment = {
  status: 'loading' | 'running' | 'exited'
  /** Which round of its circle, from 0. */
  round: number
  /** When this round began, ms. */
  since: number
  /** Lines of this round so far. */
  lines: number
}

type Kind = Omit<MockMachine, 'id' | 'phaseMs'>

const kinds: readonly Kind[] = [
  kind('RTX 4090', 24, 0.467, { use: 85, epochs: 3, stepLines: 240, region: 'Sweden, SE' }),
  kind('A100 SXM4', 80, 1.234, { use: 72, epochs: 3, stepLines: 600, region: 'Utah, US', gpuCount: 2 }),
  kind('H100 NVL', 94, 1.5, { use: 6, epochs: 3, stepLines: 400, region: 'Norway, NO' }),
  kind('L40S', 48, 0.79, { use: 91, epochs: 5, stepLines: 120, region: 'Quebec, CA', fate: 'diverges' }),
  kind('RTX 3090', 24, 0.221, { use: 64, epochs: 2, stepLines: 90, region: 'Poland, PL', fate: 'fails' }),
]

function kind(gpuName: string, gpuMemoryGib: number, perHour: number, rest: Partial<Kind>): Kind {
  const usual = { gpuCount: 1, use: 80, epochs: 3, stepLines: 200, stride: 10, region: 'Sweden, SE' }
  const fate = { fate: 'completes', firstLoss: 3.4, lastLoss: 0.42 } as const
  return { gpuName, gpuMemoryGib, perHour, ...usual, ...fate, ...rest }
}

/** The machine of this id, the `place`th of its account. */
export function inventMachine(id: string, place: number, seed: number): MockMachine {
  const made = kinds[place % kinds.length] ?? kind('RTX 4090', 24, 0.467, {})
  const machine = { ...made, id, phaseMs: 0 }
  return { ...machine, phaseMs: Math.floor(chance(seed, id, 0) * 0.5 * roundMs(machine)) + loadMs }
}

/** A number from 0 up to 1 for these. (FNV-1a, with the finisher of murmur3.) */
export function chance(seed: number, id: string, at: number): number {
  let hash = 0x811c9dc5 ^ seed
  for (const character of `${id}/${at}`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** Lines that a whole round prints. One that fails breaks off, and says why in its last. */
export function roundLines(machine: MockMachine): number {
  const whole = machine.epochs * epochLines(machine) + 1
  return machine.fate === 'fails' ? Math.floor(whole * 0.7) : whole
}

/** Lines of one epoch. */
export function epochLines({ stepLines }: MockMachine): number {
  return stepLines + frameLines
}

function roundMs(machine: MockMachine): number {
  return loadMs + roundLines(machine) * lineMs + restMs
}

/** Where in its circle the machine is; `origin` is the time 0 of its account, ms. */
export function momentOf(machine: MockMachine, origin: number, now: number): MockMoment {
  const passed = Math.max(0, now - origin) + machine.phaseMs
  const length = roundMs(machine)
  const round = Math.floor(passed / length)
  const within = passed - round * length
  const since = origin - machine.phaseMs + round * length
  if (within < loadMs) return { status: 'loading', round, since, lines: 0 }
  const lines = Math.floor((within - loadMs) / lineMs)
  const all = roundLines(machine)
  return lines < all ? { status: 'running', round, since, lines } : { status: 'exited', round, since, lines: all }
}

export type MockState = { label: string | null; isStopped: boolean }

/** What a provider would tell of it. */
export function describeMachine(
  machine: MockMachine,
  moment: MockMoment,
  state: MockState,
  draw: number,
): InstanceFacts {
  const status = state.isStopped ? 'stopped' : moment.status
  const runs = status === 'running'
  const use = runs ? Math.min(100, Math.max(0, machine.use + (draw - 0.5) * 8)) : 0
  return {
    provider: 'mock',
    id: machine.id,
    label: state.label,
    status,
    rawStatus: status,
    statusText: runs ? 'invented: success, running' : `invented: ${status}`,
    gpuName: machine.gpuName,
    gpuCount: machine.gpuCount,
    gpuUse: runs ? Number(use.toFixed(1)) : null,
    gpuTemperature: runs ? Math.round(38 + use * 0.35) : null,
    gpuMemory: { used: runs ? use * 0.0055 * machine.gpuMemoryGib * gib : null, total: machine.gpuMemoryGib * gib },
    cpuUse: runs ? Number((use * 0.2 + draw * 5).toFixed(1)) : null,
    memory: { used: runs ? (9 + draw) * gib : null, total: 64 * gib },
    disk: { used: 21 * gib, total: 60 * gib },
    image: 'invented/training:latest',
    region: machine.region,
    startedAt: moment.since,
    contractEndsAt: moment.since + 30 * 24 * 3_600_000,
    perHour: machine.perHour,
    storagePerHour: 0.012,
    currency: 'USD',
    ssh: null,
  }
}
