import type { FieldPicker } from './field-picker.ts'
import { readDuration, type ValueReader } from './value-readers.ts'

/** All in ms of the server's clock. */
export type Times = {
  createdMs: number
  startedMs: number
  endedMs: number
  /** When it was made or began, if the file tells: with its name it tells a job without an id from others. */
  told: number | undefined
  lacks: string[]
}

/** Each time that is not told is taken from the nearest that is, and that is said. */
export function readTimes(picker: FieldPicker, time: ValueReader<number>, now: number): Times {
  const created = picker.take(['created_at', 'created', 'submitted_at', 'queued_at', 'submit_time'], time)
  const started = picker.take(['started_at', 'start_time', 'started', 'start', 'begin'], time)
  const ended = picker.take(
    ['ended_at', 'end_time', 'completed_at', 'finished_at', 'failed_at', 'ended', 'finished', 'end'],
    time,
  )
  const updated = picker.take(['updated_at', 'last_update', 'last_updated', 'timestamp'], time)
  const duration = picker.take(
    ['duration', 'duration_seconds', 'elapsed', 'elapsed_time', 'training_time', 'runtime'],
    readDuration,
  )
  const counted = started !== undefined && duration !== undefined ? Math.min(now, started + duration) : undefined
  const end = ended ?? counted ?? updated
  const start = started ?? (end !== undefined && duration !== undefined ? end - duration : created)
  const lacks = [
    ...(start === undefined ? ['the start'] : []),
    ...(end === undefined ? ['the end'] : []),
    ...(start === undefined && end === undefined ? ['any time: that of the import stands for it'] : []),
  ]
  const startedMs = Math.round(Math.min(start ?? end ?? now, end ?? now))
  const createdMs = Math.min(created ?? startedMs, startedMs)
  return { createdMs, startedMs, endedMs: Math.round(end ?? startedMs), told: created ?? started, lacks }
}
