/** A report before it has a number, and what can be put into it. */
import type {
  JobPatch,
  LogBlock,
  LogStream,
  PointBlock,
  ReportRole,
  StageEvent,
  StateEvent,
} from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'

type GrowingBlock = Omit<PointBlock, 'steps' | 'times' | 'epochs' | 'values'> & {
  steps: number[]
  times: number[]
  epochs?: number[]
  values: number[][]
}

export type Draft = {
  role: ReportRole
  logs: LogBlock[]
  points: GrowingBlock[]
  stages: StageEvent[]
  job?: JobPatch
  state?: StateEvent
  lines: number
  values: number
  bytes: number
}

export type PointRow = { source: string; step: number; epoch: number | null; at: number; entries: [string, number][] }

export function emptyDraft(role: ReportRole): Draft {
  return { role, logs: [], points: [], stages: [], lines: 0, values: 0, bytes: 0 }
}

export function isEmpty({ lines, values, stages, job, state }: Draft): boolean {
  return lines === 0 && values === 0 && stages.length === 0 && job === undefined && state === undefined
}

export function addToLog(draft: Draft, stream: LogStream, { line, time }: { line: string; time: number }): void {
  let block = draft.logs.at(-1)
  if (block?.stream !== stream) {
    block = { stream, times: [], lines: [] }
    draft.logs.push(block)
  }
  block.times.push(time)
  block.lines.push(line)
  draft.lines += 1
}

export function addToBlock(draft: Draft, { source, step, epoch, at, entries }: PointRow): void {
  let block = draft.points.findLast((one) => one.source === source)
  // Points of a key stay in order of arrival: only the newest block of the source may grow.
  if (block === undefined || !fitsBlock(block, epoch, entries)) {
    const keys = entries.map(([key]) => key)
    block = {
      source,
      keys,
      steps: [],
      times: [],
      ...(epoch === null ? {} : { epochs: [] }),
      values: keys.map(() => []),
    }
    draft.points.push(block)
  }
  block.steps.push(step)
  block.times.push(at)
  if (epoch !== null) block.epochs?.push(epoch)
  for (const [index, [, value]] of entries.entries()) block.values[index]?.push(value)
  draft.values += entries.length
}

function fitsBlock(block: GrowingBlock, epoch: number | null, entries: readonly [string, number][]): boolean {
  if ((block.epochs === undefined) !== (epoch === null) || block.keys.length !== entries.length) return false
  return entries.every(([key], index) => block.keys[index] === key)
}

/** Longest line in characters that surely fits the bytes of the wire. */
const lineLengthMax = Math.floor(limits.logLineBytesMax / 3)

export function cutLine(text: string): string {
  return text.length <= lineLengthMax ? text : `${text.slice(0, lineLengthMax - 2).toWellFormed()} …`
}

/** Adds a stage event; one that only moves the figures of the last takes its place. */
export function addToStages(draft: Draft, event: StageEvent): void {
  const last = draft.stages.at(-1)
  if (last?.name === event.name && (event.state ?? last.state) === last.state) {
    Object.assign(last, event, { at: last.at })
  } else draft.stages.push(event)
}
