/**
 * Follows training logs on the rented machines of one account where no job tells of itself: over ssh, or by the log that the
 * provider keeps where ssh does not get there. What a log says becomes a job. A machine that fails holds up no other.
 */
import type { GpuResourceKey, InstanceFacts } from '@pilothouse/contract'
import { addGpuReadings, findNewLines, type InstanceLook, type Provider } from '@pilothouse/fleet'
import { builtInPatterns, type LogReaderState, readLine, startLogReader } from '@pilothouse/signals'
import type { OutputReport } from '../launches/format-output-report.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { FollowedMachine, FollowedPlace } from './log-operations.ts'
import { isReachable } from './rented-hosts.ts'

export type LogTimes = {
  /** Between two looks at a log over ssh, and at what a provider keeps: each of these is a call of its API. */
  sshMs: number
  providerMs: number
  /** Between two tries where ssh does not get there, at most. */
  failedMaxMs: number
}
export const calmLogTimes: LogTimes = { sshMs: 15_000, providerMs: 60_000, failedMaxMs: 600_000 }

/** Logs that are read at a time. */
const readAtOnce = 4
const linesMax = 2_000
const lookTimeoutMs = 30_000
/** What of a provider's log is kept, to know what is new in the next. */
const tailMax = 40
/** A GPU that does less is at rest: it does not show that a training goes on. */
const restMax = 5

type Look = Pick<InstanceLook, 'lines' | 'open' | 'place' | 'gpus'>

type Parts = {
  accountId: number
  storage: Pick<StorageClient, 'call'>
  provider: Provider | null
  look: (
    facts: InstanceFacts,
    ask: { after: InstanceLook['place']; linesMax: number; signal: AbortSignal },
  ) => Promise<Look>
  now: () => number
  times: LogTimes
  note: (error: unknown) => void
}

type Followed = {
  reader: LogReaderState
  gpus: InstanceLook['gpus']
  /** When each way is due, ms. */
  sshAt: number
  containerAt: number
  /** ssh got there the last time, and found a log. */
  isFile: boolean
  failures: number
  /** When a log was read last, ms. */
  readAt: number | null
  /** Why ssh does not get there. */
  trouble: string | null
}

/** What is known of the log of a machine. */
export type FollowedLog = Pick<Followed, 'readAt' | 'trouble'>

export class LogFollower {
  readonly #parts: Parts
  readonly #machines = new Map<number, Followed>()
  readonly #stop = new AbortController()
  #round: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Begins to, whatever becomes of the looks at the account: machines go on while their provider does not answer. */
  start(): void {
    if (this.#stop.signal.aborted) return
    this.#timer = setTimeout(() => {
      this.follow()
        .catch((error: unknown) => this.#parts.note(error))
        .finally(() => this.start())
    }, this.#parts.times.sshMs)
    this.#timer.unref()
  }

  /** One round at a time: who asks during one has it. */
  async follow(): Promise<void> {
    this.#round ??= this.#followAll().finally(() => {
      this.#round = null
    })
    await this.#round
  }

  async close(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#round?.catch(() => undefined) // told where it was asked for
  }

  /** The facts with what nvidia-smi said at the last look, where the provider does not say it. */
  complete(id: number, facts: InstanceFacts): InstanceFacts {
    const gpus = this.#machines.get(id)?.gpus ?? []
    return facts.gpuUse === null && facts.status === 'running' ? addGpuReadings(facts, gpus) : facts
  }

  read(id: number): FollowedLog | null {
    const found = this.#machines.get(id)
    return found ? { readAt: found.readAt, trouble: found.trouble } : null
  }

  async #followAll(): Promise<void> {
    const { storage, accountId, now } = this.#parts
    const all = await storage.call('instances.followed', { accountId })
    const wanted = all.filter(({ facts, isTold }) => facts.status === 'running' && !isTold)
    const ids = new Set(wanted.map(({ id }) => id))
    for (const id of this.#machines.keys()) if (!ids.has(id)) this.#machines.delete(id)
    const waiting = wanted.filter(({ id }) => isDue(this.#machines.get(id), now()))
    const work = async (): Promise<void> => {
      for (let one = waiting.shift(); one && !this.#stop.signal.aborted; one = waiting.shift()) await this.#one(one)
    }
    await Promise.all(Array.from({ length: readAtOnce }, work))
  }

  async #one(machine: FollowedMachine): Promise<void> {
    const { now, note } = this.#parts
    const known = this.#machines.get(machine.id) ?? begin()
    this.#machines.set(machine.id, known)
    try {
      if (known.sshAt <= now()) known.isFile = isReachable(machine.facts) && (await this.#readFile(machine, known))
      // A file that cannot be reached for a while is waited for: the other log would be another job.
      const isOnly = machine.place?.kind !== 'file'
      if (isOnly && !known.isFile && known.containerAt <= now()) await this.#readContainer(machine, known)
    } catch (error) {
      if (!this.#stop.signal.aborted) note(error)
    }
  }

  /** @returns false where nothing can be read over ssh */
  async #readFile(machine: FollowedMachine, known: Followed): Promise<boolean> {
    const { look, now, times } = this.#parts
    known.sshAt = now() + times.sshMs
    const after = machine.place?.kind === 'file' ? machine.place.place : null
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(lookTimeoutMs)])
    let seen: Look
    try {
      seen = await look(machine.facts, { after, linesMax, signal })
    } catch (error) {
      if (this.#stop.signal.aborted) return true
      known.failures += 1
      known.sshAt = now() + Math.min(times.sshMs * 2 ** Math.min(known.failures, 16), times.failedMaxMs)
      known.trouble = error instanceof Error ? error.message : String(error)
      known.gpus = []
      return false
    }
    Object.assign(known, { failures: 0, trouble: null, gpus: seen.gpus })
    // It prints elsewhere: what the provider keeps may have it.
    if (seen.place === null) return false
    const isOther = after !== null && (after.path !== seen.place.path || after.id !== seen.place.id)
    await this.#note(machine, known, { ...seen, place: { kind: 'file', place: seen.place }, isOther })
    return true
  }

  async #readContainer(machine: FollowedMachine, known: Followed): Promise<void> {
    const { provider, now, times } = this.#parts
    known.containerAt = now() + times.providerMs
    if (!provider?.can.has('logs')) return
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(lookTimeoutMs)])
    const last = await provider.readLog(machine.facts.id, linesMax, { signal }).catch(() => null) // the account says why
    if (last === null) return
    const before = machine.place?.kind === 'container' ? machine.place : { tail: [], ended: 0 }
    const place = { kind: 'container', tail: last.slice(-tailMax), ended: last.length } as const
    const isOther = machine.place !== null && machine.place.kind !== 'container'
    await this.#note(machine, known, {
      lines: findNewLines(before.tail, last, before.ended),
      open: null,
      gpus: readGpu(machine.facts),
      place,
      isOther,
    })
  }

  async #note(
    { id, place: before }: FollowedMachine,
    known: Followed,
    {
      lines,
      open,
      gpus,
      place,
      isOther,
    }: Pick<Look, 'lines' | 'open' | 'gpus'> & { place: FollowedPlace; isOther: boolean },
  ): Promise<void> {
    const { storage, now } = this.#parts
    known.readAt = now()
    const isAtWork = gpus.some(({ values }) => (values.get('gpu.utilization') ?? 0) >= restMax)
    if (lines.length === 0 && !isAtWork && before !== null) return
    const { report, reader } = readLines(isOther ? startLogReader() : known.reader, { lines, open, at: now() })
    const told = gpus.map(({ index, values }) => ({ index, values: Object.fromEntries(values) }))
    await storage.call('instances.note-log', { id, before, place, report, gpus: told })
    known.reader = reader
  }
}

function begin(): Followed {
  const due = { sshAt: 0, containerAt: 0 }
  return { reader: startLogReader(), gpus: [], ...due, isFile: false, failures: 0, readAt: null, trouble: null }
}

function isDue(known: Followed | undefined, now: number): boolean {
  if (!known) return true
  return known.sshAt <= now || (!known.isFile && known.containerAt <= now)
}

/** What the provider says of the one GPU of a machine; of several it gives a mean, which is no GPU's. */
function readGpu({ gpuCount, gpuUse, gpuTemperature, gpuMemory }: InstanceFacts): InstanceLook['gpus'] {
  if (gpuCount !== 1) return []
  const values = new Map<GpuResourceKey, number>()
  if (gpuUse !== null) values.set('gpu.utilization', gpuUse)
  if (gpuTemperature !== null) values.set('gpu.temperature', gpuTemperature)
  if (gpuMemory.used !== null) values.set('gpu.memory.used', gpuMemory.used)
  if (gpuMemory.total !== null) values.set('gpu.memory.total', gpuMemory.total)
  return [{ index: 0, values }]
}

type Read = { report: Omit<OutputReport, 'state'>; reader: LogReaderState }

function readLines(
  start: LogReaderState,
  { lines, open, at }: { lines: readonly string[]; open: string | null; at: number },
): Read {
  let reader = start
  const points: OutputReport['points'][number][] = []
  const stages: OutputReport['stages'][number][] = []
  const totals = {}
  for (const line of lines) {
    const reading = readLine(reader, line, builtInPatterns)
    reader = reading.state
    points.push(...reading.points.map((point) => ({ ...point, at })))
    stages.push(...reading.stages.map((stage) => ({ ...stage, at })))
    Object.assign(totals, reading.totals)
  }
  return { report: { lines, open, points, stages, totals }, reader }
}
