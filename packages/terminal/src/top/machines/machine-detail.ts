import { formatBytes, formatPrice, readProgress } from '@pilothouse/signals'
import type { TopCurve, TopDetail } from '../top-state.ts'
import { rowIdOf } from './machine-row.ts'
import { type MachineState, readUse } from './machine-state.ts'
import { readCurve, type ThinCurve } from './thin-curve.ts'

/** All that is known of a machine. */
export function viewMachineDetail(state: MachineState, now: number): TopDetail {
  return {
    rowId: rowIdOf(state.facts),
    curves: listCurves(state),
    stages: listStages(state),
    parameters: [],
    checkpoints: [],
    facts: listFacts(state, now),
  }
}

function listCurves({ training, useCurve, memoryCurve }: MachineState): TopCurve[] {
  return [
    toCurve(training.headline?.key ?? 'loss', 'number', training.curve),
    toCurve('gpu use', '%', useCurve),
    toCurve('gpu memory', '%', memoryCurve),
  ].filter(({ values }) => values.length > 0)
}

function toCurve(key: string, unit: TopCurve['unit'], curve: ThinCurve): TopCurve {
  return { key, unit, ...readCurve(curve) }
}

function listStages({ training }: MachineState): TopDetail['stages'] {
  return training.stages.map(({ name, state, done, total }) => ({
    name,
    state,
    progress: done === undefined || total === undefined || total <= 0 ? null : Math.min(1, done / total),
  }))
}

function listFacts(state: MachineState, now: number): TopDetail['facts'] {
  const { facts } = state
  const { temperature } = readUse(state)
  const { stepsPerSecond } = readProgress(state.training.progress, now)
  const texts: [string, string | null][] = [
    ['provider', facts.provider === 'mock' ? 'mock (invented)' : facts.provider],
    ['id', facts.id],
    ['status', describeStatus(facts.rawStatus ?? facts.status, facts.statusText)],
    ['temperature', temperature === null ? null : `${Math.round(temperature)} °C`],
    ['cpu', facts.cpuUse === null ? null : `${Math.round(facts.cpuUse)} %`],
    ['memory', describeRoom(facts.memory)],
    ['disk', describeRoom(facts.disk)],
    ['speed', stepsPerSecond === null ? null : `${stepsPerSecond.toPrecision(3)} steps/s`],
    ['storage', facts.storagePerHour === null ? null : `${formatPrice(facts.storagePerHour, facts.currency)} an hour`],
    ['image', facts.image],
    ['region', facts.region],
    ['ssh', facts.ssh === null ? null : `${facts.ssh.user}@${facts.ssh.host}:${facts.ssh.port}`],
    ['contract ends', facts.contractEndsAt === null ? null : new Date(facts.contractEndsAt).toISOString().slice(0, 16)],
    ['log', state.lookTrouble ?? state.lookNote],
  ]
  return texts.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]))
}

function describeStatus(word: string, text: string | null): string {
  return text === null ? word : `${word} – ${text}`
}

function describeRoom({ used, total }: { used: number | null; total: number | null }): string | null {
  if (total === null) return null
  return used === null ? formatBytes(total) : `${formatBytes(used)} of ${formatBytes(total)}`
}
