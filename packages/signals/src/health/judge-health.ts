import { formatDuration, formatValue } from '../format.ts'
import type { Health, HealthFacts } from './health.ts'
import type { HealthProfile } from './health-profile.ts'

type Finding = { level: 'warning' | 'error'; word: string; why: string }

/**
 * How well a job or a rented machine does. Pure. What has ended is judged by its end, what runs by its figures: the worst
 * of what is found gives level and word, and all of it is said.
 */
export function judgeHealth(facts: HealthFacts, profile: HealthProfile): Health {
  switch (facts.state) {
    case 'running':
      return judgeRunning(facts, profile)
    case 'completed':
      return { level: 'good', word: 'done', why: null }
    case 'exited':
      return judgeExit(facts, profile)
    case 'stopped':
      return profile.endIs === 'error'
        ? { level: 'error', word: 'stopped', why: 'It was stopped.' }
        : { level: 'neutral', word: 'stopped', why: null }
    case 'failed':
      return { level: 'error', word: 'failed', why: describeExit(facts.exitCode) }
    case 'lost':
      return { level: 'error', word: 'lost', why: 'Nobody knows what became of it.' }
    case 'offline':
      return { level: 'error', word: 'offline', why: 'Its provider does not reach it.' }
    case 'gone':
      return { level: 'warning', word: 'gone', why: 'Its provider no longer lists it.' }
    case 'unknown':
      return { level: 'neutral', word: 'unknown', why: 'Its provider says something that is not known here.' }
    case 'created':
    case 'loading':
      return judgeStarting(facts, profile)
    default:
      // It waits, pauses or was cancelled: neither good nor bad.
      return { level: 'neutral', word: facts.state, why: null }
  }
}

function judgeRunning(facts: HealthFacts, profile: HealthProfile): Health {
  const stale = findStale(facts, profile)
  // Figures that old say nothing about now.
  if (stale) return stale
  const found = [findLoss(facts, profile), findIdle(facts, profile), findHeat(facts, profile), findBusy(facts, profile)]
  const findings = found.filter((one) => one !== null)
  const worst = findings.find(({ level }) => level === 'error') ?? findings[0]
  if (worst) return { level: worst.level, word: worst.word, why: sayAll(worst, findings) }
  if (facts.gpuUse === null && facts.loss === null) return { level: 'neutral', word: 'running', why: null }
  return { level: 'good', word: 'ok', why: null }
}

function judgeStarting(facts: HealthFacts, profile: HealthProfile): Health {
  return findStale(facts, profile) ?? { level: 'neutral', word: facts.state, why: null }
}

function judgeExit({ exitCode }: HealthFacts, { endIs }: HealthProfile): Health {
  if (endIs === 'error') return { level: 'error', word: 'exited', why: describeExit(exitCode) }
  if (exitCode === 0) return { level: 'good', word: 'done', why: null }
  if (exitCode === null)
    return { level: 'neutral', word: 'exited', why: 'It has ended; with what success is not known.' }
  return { level: 'error', word: 'failed', why: describeExit(exitCode) }
}

function findStale({ ageMs }: HealthFacts, { staleAfterMs }: HealthProfile): Health | null {
  if (staleAfterMs === null || ageMs < staleAfterMs) return null
  return { level: 'warning', word: 'stale', why: `No news for ${formatDuration(ageMs)}.` }
}

function findLoss({ loss, lossOverBest }: HealthFacts, profile: HealthProfile): Finding | null {
  if (loss !== null && !Number.isFinite(loss))
    return { level: profile.nonFiniteLossIs, word: 'diverging', why: `The loss is ${formatValue(loss)}.` }
  const { lossFrom, lossOverBestFrom } = profile
  if (lossOverBestFrom !== null && lossOverBest !== null && lossOverBest >= lossOverBestFrom)
    return warn('diverging', `The smoothed loss is ${formatValue(lossOverBest)} times its best.`)
  if (lossFrom !== null && loss !== null && loss >= lossFrom)
    return warn('diverging', `The loss is ${formatValue(loss)}, and ${formatValue(lossFrom)} or more is too high.`)
  return null
}

function findIdle({ gpuUse, idleMs }: HealthFacts, { idleTo, idleAfterMs }: HealthProfile): Finding | null {
  if (gpuUse === null || gpuUse > idleTo || idleMs < idleAfterMs) return null
  const since = idleMs > 0 ? ` for ${formatDuration(idleMs)}` : ''
  return warn('idle', `Its GPUs are at ${formatValue(gpuUse)} %, and at most ${formatValue(idleTo)} %${since}.`)
}

function findHeat({ gpuTemperature }: HealthFacts, { hotFrom }: HealthProfile): Finding | null {
  if (hotFrom === null || gpuTemperature === null || gpuTemperature < hotFrom) return null
  return warn('hot', `A GPU has ${formatValue(gpuTemperature)} °C.`)
}

function findBusy({ gpuUse }: HealthFacts, { busyFrom }: HealthProfile): Finding | null {
  if (busyFrom === null || gpuUse === null || gpuUse < busyFrom) return null
  return warn('busy', `Its GPUs are at ${formatValue(gpuUse)} %.`)
}

function warn(word: string, why: string): Finding {
  return { level: 'warning', word, why }
}

function sayAll(worst: Finding, findings: readonly Finding[]): string {
  return [worst, ...findings.filter((one) => one !== worst)].map(({ why }) => why).join(' ')
}

function describeExit(exitCode: number | null): string | null {
  return exitCode === null ? null : `It ended with exit code ${exitCode}.`
}
