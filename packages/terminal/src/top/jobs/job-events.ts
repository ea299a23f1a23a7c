/** What is worth telling of the step from one card of a job to the next. */
import type { Health } from '@pilothouse/signals'
import type { TopEvent } from '../machines/machine-events.ts'
import type { JobSight } from './job-row.ts'

export type JudgedJob = { sight: JobSight; health: Health }

/** Of two moments of the same job. */
export function listJobEvents(before: JudgedJob, after: JudgedJob, at: number): TopEvent[] {
  const { card } = after.sight
  const found = [findState(before, after), findEpoch(before.sight, after.sight), findHealth(before, after)]
  return found
    .filter((one) => one !== null)
    .map(({ level, text }) => ({ type: 'event', at, level, text: `${card.name} (${card.uid}): ${text}` }))
}

type Finding = Pick<TopEvent, 'level' | 'text'>

function findState({ sight: before }: JudgedJob, { sight: after, health }: JudgedJob): Finding | null {
  if (before.card.state === after.card.state) return null
  const isBad = health.level === 'error'
  const why = isBad && health.why !== null ? `. ${health.why}` : ''
  return { level: isBad ? 'error' : 'info', text: `${after.card.state} (was ${before.card.state})${why}` }
}

function findEpoch({ card: before }: JobSight, { card: after }: JobSight): Finding | null {
  const [was, is] = [before.progress?.epoch ?? null, after.progress?.epoch ?? null]
  if (was === null || is === null || Math.ceil(is) <= Math.ceil(was)) return null
  const total = after.progress?.totalEpochs ?? null
  const of = total === null ? '' : ` of ${Math.ceil(total)}`
  return { level: 'info', text: `epoch ${Math.ceil(is)}${of} has begun` }
}

function findHealth(before: JudgedJob, after: JudgedJob): Finding | null {
  if (before.health.word === after.health.word || before.sight.card.state !== after.sight.card.state) return null
  const { level, word, why } = after.health
  if (level !== 'warning' && level !== 'error') return null
  return { level, text: why === null ? word : `${word}. ${why}` }
}
