import { type Health, type HealthProfile, judgeHealth, readProgress } from '@pilothouse/signals'
import { lossOverBest } from './machine-training.ts'
import { type MachineState, readUse } from './machine-state.ts'

/** How well a machine does by a profile. Where nobody knows how its container ended, its log is asked. */
export function judgeMachine(state: MachineState, profile: HealthProfile, now: number): Health {
  const { use, temperature } = readUse(state)
  const { status } = state.facts
  const health = judgeHealth(
    {
      state: status,
      gpuUse: use,
      idleMs: state.idleSince === null ? 0 : Math.max(0, now - state.idleSince),
      loss: state.training.loss,
      lossOverBest: lossOverBest(state.training),
      gpuTemperature: temperature,
      exitCode: null,
      ageMs: Math.max(0, now - Math.max(state.toldAt, state.lookedAt ?? 0)),
    },
    profile,
  )
  return status === 'exited' && health.level === 'neutral' ? judgeByLog(state, health, now) : health
}

function judgeByLog({ training }: MachineState, health: Health, now: number): Health {
  if (training.endsInError)
    return { level: 'error', word: 'failed', why: `Its log ends with: ${training.lastLine ?? ''}` }
  if (readProgress(training.progress, now).fraction === 1) return { level: 'good', word: 'done', why: null }
  return health
}
