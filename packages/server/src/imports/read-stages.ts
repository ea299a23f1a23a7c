/** The timeline of an old file as stage events. Pure. */
import type { ImportProblem, StageEvent, StageState } from '@pilothouse/contract'
import { FieldPicker } from './field-picker.ts'
import { isObject, readCount, readDuration, readName, type ValueReader } from './value-readers.ts'

export type OldTimeline = { names: string[]; events: StageEvent[]; problems: ImportProblem[]; lacks: string[] }
type Context = { place: string; time: ValueReader<number>; startedMs: number }

const stageWords: Readonly<Record<StageState, readonly string[]>> = {
  pending: ['pending', 'waiting', 'queued', 'notstarted'],
  active: ['active', 'running', 'inprogress', 'current'],
  completed: ['completed', 'complete', 'done', 'success', 'finished'],
  failed: ['failed', 'failure', 'error'],
  skipped: ['skipped', 'cancelled', 'canceled'],
}

const readStageState: ValueReader<StageState> = {
  expected: 'one of pending, active, completed, failed, skipped',
  read: (value) => {
    const word = typeof value === 'string' ? value.toLowerCase().replace(/[^a-z]/g, '') : ''
    const states = Object.keys(stageWords) as StageState[] // keys of a literal object
    return states.find((state) => stageWords[state].includes(word))
  },
}

/** At most so many are taken. */
const stagesMax = 256

/**
 * Stages in their order. One without times begins where the one before it ended, as long as that is known; after a gap
 * the state alone is not enough to draw it, and that is said.
 */
export function readTimeline(list: readonly unknown[], context: Context): OldTimeline {
  const timeline: OldTimeline = { names: [], events: [], problems: [], lacks: [] }
  let cursor: number | undefined = context.startedMs
  for (const [index, value] of list.slice(0, stagesMax).entries()) {
    const picker = new FieldPicker(isObject(value) ? value : { name: value }, {
      place: context.place,
      prefix: `stages[${index}].`,
    })
    const name = picker.take(['name', 'stage', 'title', 'label', 'id'], readName)
    if (name === undefined) {
      picker.complain('name', isObject(value) ? value['name'] : value, 'a text')
      timeline.problems.push(...picker.problems)
      continue
    }
    timeline.names.push(name)
    cursor = addStage(timeline, name, { picker, cursor, time: context.time })
    timeline.problems.push(...picker.problems)
  }
  return timeline
}

type Stage = { picker: FieldPicker; cursor: number | undefined; time: ValueReader<number> }

/** Returns when the stage ended, undefined when nobody knows. */
function addStage(timeline: OldTimeline, name: string, { picker, cursor, time }: Stage): number | undefined {
  const state = picker.take(['state', 'status'], readStageState) ?? 'pending'
  const told = picker.take(['started_at', 'start_time', 'started', 'start'], time)
  const toldEnd = picker.take(['ended_at', 'end_time', 'completed_at', 'finished_at', 'ended', 'end'], time)
  const duration = picker.take(['duration', 'duration_seconds', 'elapsed'], readDuration)
  const done = picker.take(['done', 'current', 'completed_steps'], readCount)
  const total = picker.take(['total', 'total_steps'], readCount)
  const counts = { ...(done === undefined ? {} : { done }), ...(total === undefined ? {} : { total }) }
  if (state === 'pending') return cursor
  const start = told ?? (toldEnd !== undefined && duration !== undefined ? toldEnd - duration : cursor)
  if (state === 'skipped') {
    timeline.events.push({ name, state, at: start ?? 0 })
    return cursor
  }
  if (start === undefined) {
    timeline.lacks.push(`times of the stage «${name}»`)
    return undefined
  }
  timeline.events.push({ name, state: 'active', at: start, ...counts })
  if (state === 'active') return undefined
  const end = toldEnd ?? (duration === undefined ? undefined : start + duration)
  timeline.events.push({ name, state, at: end ?? start })
  if (end === undefined) timeline.lacks.push(`the end of the stage «${name}»`)
  return end
}
