/** One look at a rented machine through a shell: new lines of its log, and its GPUs. */
import { createHash, randomBytes } from 'node:crypto'
import type { InstanceFacts } from '@pilothouse/contract'
import { LineSplitter } from '../line-splitter.ts'
import { type GpuReading, parseGpuRow } from '../nvidia-smi.ts'
import type { ScriptRunner } from '../script-runner.ts'
import { checkBytes, type LogPlace, lookLimits, writeInstanceLook } from './instance-look-script.ts'

export type InstanceLook = {
  /** Whole lines, the oldest first. What was no UTF-8 is U+FFFD; control characters are as they came: they must not reach a terminal so. */
  lines: string[]
  /** A line that redraws itself (a progress bar), as it stands now; it comes again, whole, once it has ended. */
  open: string | null
  /** For the next look; null: no log yet. */
  place: LogPlace | null
  /** Lines were left out: the log is long, or grows faster than it is read. */
  hasSkipped: boolean
  /** There is more, for a look at once. */
  hasMore: boolean
  /** By index; none where there is no nvidia-smi, or it does not answer. */
  gpus: GpuReading[]
}

export type LookOptions = {
  /** Patterns of a shell; of all files that match, the one written last is read. `~/` is the home folder there. */
  logPatterns?: readonly string[] | undefined
  after: LogPlace | null
  /** The newest of one look. */
  linesMax: number
  bytesMax?: number | undefined
  signal?: AbortSignal | undefined
}

export const defaultLogPatterns: readonly string[] = ['/workspace/output/*/training.log']

/**
 * Looks once.
 * @throws RangeError for patterns that cannot be used; SshError, ScriptError
 */
export async function lookAtInstance(runner: ScriptRunner, options: LookOptions): Promise<InstanceLook> {
  const { logPatterns: patterns = defaultLogPatterns, after, bytesMax = lookLimits.bytesMax, signal } = options
  refusePatterns(patterns)
  const mark = `pilothouse-${randomBytes(12).toString('hex')}`
  const output = await runner.run(writeInstanceLook({ patterns, after, mark, bytesMax }), {
    timeoutMs: lookLimits.timeoutMs,
    outputBytesMax: bytesMax + 256 * 1024,
    mayRepeat: true,
    signal,
  })
  return readInstanceLook(output, { mark, after, bytesMax, linesMax: options.linesMax })
}

function refusePatterns(patterns: readonly string[]): void {
  const { patternsMax, patternCharactersMax } = lookLimits
  if (patterns.length > patternsMax) throw new RangeError(`At most ${patternsMax} patterns of logs can be looked for.`)
  const bad = patterns.find((one) => one === '' || one.length > patternCharactersMax || /[\0\n]/.test(one))
  if (bad !== undefined) throw new RangeError(`«${bad.slice(0, 100)}» is no pattern of a path.`)
}

type Reading = { mark: string; after: LogPlace | null; linesMax: number; bytesMax: number }

/** Reads what the script prints. */
function readInstanceLook(output: Buffer, { mark, after, linesMax, bytesMax }: Reading): InstanceLook {
  const gpusAt = output.lastIndexOf(`\n${mark} gpus\n`)
  const endAt = output.lastIndexOf(`\n${mark} end\n`)
  const rows = gpusAt < 0 ? '' : output.subarray(gpusAt + mark.length + 7, Math.max(gpusAt, endAt)).toString()
  const gpus = rows.split('\n').flatMap((row) => parseGpuRow(row) ?? [])
  const log = readLog(gpusAt < 0 ? output : output.subarray(0, gpusAt), mark)
  if (log === null) return { lines: [], open: null, place: after, hasSkipped: false, hasMore: false, gpus }
  const { lines, open, taken } = splitLines(log, Math.min(lineBytesMax, bytesMax))
  const place = { path: log.path, id: log.id, offset: log.from + taken, check: makeCheck(log.before, log.bytes, taken) }
  const kept = linesMax <= 0 ? [] : lines.slice(-linesMax)
  const hasSkipped = log.isCut || kept.length < lines.length
  return { lines: kept, open, place, hasSkipped, hasMore: log.hasMore && taken > 0, gpus }
}

type LogPart = {
  path: string
  id: string
  from: number
  isCut: boolean
  hasMore: boolean
  before: Buffer
  bytes: Buffer
}

function readLog(output: Buffer, mark: string): LogPart | null {
  const begin = output.indexOf(`\n${mark} log `)
  if (begin < 0) return null
  const bodyAt = output.indexOf(0x0a, begin + 1) + 1
  const head = output.subarray(begin + mark.length + 2, bodyAt - 1).toString()
  const [, cut, id = '', from, before, more, path = ''] =
    /^log (\d) (\d+:\d+) (\d+) (\d+) (\d) (.+)$/su.exec(head) ?? []
  if (cut === undefined) return null
  const body = output.subarray(bodyAt)
  const border = Math.min(Number(before), body.length)
  return {
    path,
    id,
    from: Number(from),
    isCut: cut === '1',
    hasMore: more === '1',
    before: body.subarray(0, border),
    bytes: body.subarray(border),
  }
}

/**
 * A line under way is read again with the next look, from its last carriage return on; one that fills all that was read is
 * taken as it is, else nothing would ever follow.
 */
function splitLines({ bytes, isCut }: LogPart, endlessBytes: number) {
  const first = isCut ? bytes.indexOf(0x0a) + 1 : 0
  const splitter = new LineSplitter()
  const lines = splitter.push(bytes.subarray(first))
  const { open, redrawn } = splitter
  const ended = bytes.lastIndexOf(0x0a) + 1
  const drawn = bytes.subarray(ended)
  let end = drawn.length
  while (end > 0 && drawn[end - 1] === 0x0d) end -= 1
  const state = end === 0 ? 0 : drawn.lastIndexOf(0x0d, end - 1) + 1
  if (ended === 0 && state === 0 && bytes.length >= endlessBytes)
    return { lines: splitter.end(), open: null, taken: bytes.length }
  return { lines, open: redrawn ? open : null, taken: ended + state }
}

/** Without any line end or carriage return, so many bytes are no line any more. */
const lineBytesMax = 64 * 1024

function makeCheck(before: Buffer, bytes: Buffer, taken: number): string {
  const last = Buffer.concat([before, bytes.subarray(0, taken)]).subarray(-checkBytes)
  return createHash('sha256').update(last).digest('hex')
}

/** The facts of a machine whose provider does not say how its GPUs are, with what nvidia-smi says of them. */
export function addGpuReadings(facts: InstanceFacts, gpus: readonly GpuReading[]): InstanceFacts {
  if (gpus.length === 0) return facts
  const read = (key: 'gpu.utilization' | 'gpu.temperature' | 'gpu.memory.used' | 'gpu.memory.total'): number[] =>
    gpus.flatMap(({ values }) => values.get(key) ?? [])
  const add = (numbers: number[]): number | null => (numbers.length === 0 ? null : numbers.reduce((a, b) => a + b))
  const uses = read('gpu.utilization')
  const temperatures = read('gpu.temperature')
  return {
    ...facts,
    gpuCount: facts.gpuCount === 0 ? gpus.length : facts.gpuCount,
    gpuUse: uses.length === 0 ? facts.gpuUse : (add(uses) ?? 0) / uses.length,
    gpuTemperature: temperatures.length === 0 ? facts.gpuTemperature : Math.max(...temperatures),
    gpuMemory: {
      used: add(read('gpu.memory.used')) ?? facts.gpuMemory.used,
      total: add(read('gpu.memory.total')) ?? facts.gpuMemory.total,
    },
  }
}
