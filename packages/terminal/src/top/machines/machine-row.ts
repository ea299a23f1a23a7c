import type { Provider } from '@pilothouse/fleet'
import { type HealthProfile, readProgress } from '@pilothouse/signals'
import type { TopRow } from '../top-state.ts'
import { wholeEpoch } from '../whole-epoch.ts'
import { judgeMachine } from './judge-machine.ts'
import { priceNow, readBill } from './machine-bill.ts'
import { type MachineState, readUse } from './machine-state.ts'

export type RowContext = {
  now: number
  profile: HealthProfile
  can: Provider['can']
  /** Nothing may be done to it. */
  readOnly: boolean
  /** Why its provider does not answer now. */
  trouble: string | null
}

const hourMs = 3_600_000
const shortLength = 10

export function rowIdOf({ provider, id }: { provider: string; id: string }): string {
  return `${provider}:${id}`
}

/** A machine as one row of the screen. */
export function viewMachineRow(state: MachineState, context: RowContext): TopRow {
  const { facts, training } = state
  const { now } = context
  const health = judgeMachine(state, context.profile, now)
  const { use, memory, at } = readUse(state)
  const isRunning = facts.status === 'running'
  const progress = readProgress(training.progress, now)
  const etaMs = isRunning ? progress.etaMs : null
  const { cost, costIs } = readBill(state.bill, now)
  return {
    id: rowIdOf(facts),
    shortId: facts.id.length > shortLength ? facts.id.slice(0, shortLength) : facts.id,
    name: facts.label ?? facts.id,
    kind: 'instance',
    group: facts.provider,
    owner: null,
    target: facts.region,
    gpuName: facts.gpuName,
    gpuCount: facts.gpuCount,
    state: facts.status,
    isActive: isRunning || facts.status === 'loading' || facts.status === 'created',
    isError: health.level === 'error',
    health,
    epoch: wholeEpoch(progress.epoch),
    epochs: wholeEpoch(progress.totalEpochs),
    step: progress.step,
    steps: progress.totalSteps,
    progress: progress.fraction,
    gpuUse: isRunning ? use : null,
    memoryUse: isRunning ? memory : null,
    loss: training.loss,
    lossKey: training.headline?.key ?? null,
    perHour: facts.perHour,
    cost,
    costIs,
    currency: facts.currency,
    etaMs,
    costAtEnd: cost === null || etaMs === null ? null : cost + ((priceNow(facts) ?? 0) * etaMs) / hourMs,
    startedAt: facts.startedAt,
    seenAt: Math.max(state.toldAt, isRunning ? at : 0),
    // What keeps its log from being read stands among its details: the figures of its provider are as new as ever.
    trouble: context.trouble,
    can: !context.readOnly && isRunning && context.can.has('stop') ? ['stop'] : [],
  }
}
