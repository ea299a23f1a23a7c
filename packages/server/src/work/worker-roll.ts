/** Workers that were heard of lately, and how fast they are. */
import type { BatchOverview, Heartbeat } from '@pilothouse/contract'

type WorkerCard = BatchOverview['workers'][number]

/** Who is silent for so long is forgotten, ms. */
const silentMsMax = 60_000
/** Speed is that of so long, ms. */
const rateMs = 30_000
/** Names that begin so are those of the server's own workers. */
export const serverWorkerPrefix = 'server'

export function isServerWorker(name: string): boolean {
  return name.startsWith(serverWorkerPrefix)
}

/** What a worker has done since it started, as it told at one time. */
type Count = { atMs: number; requests: number; tokens: number }
type Heard = { host: string; leases: number; inFlight: number; counts: readonly Count[] }

export class WorkerRoll {
  readonly #now: () => number
  readonly #heard = new Map<string, Heard>()

  constructor(now: () => number) {
    this.#now = now
  }

  note({ worker, host, leases, seats }: Heartbeat): void {
    const atMs = this.#now()
    this.#forgetSilent(atMs)
    const sum = (pick: (seat: Heartbeat['seats'][number]) => number): number =>
      seats.reduce((total, seat) => total + pick(seat), 0)
    const count = { atMs, requests: sum(({ answered }) => answered), tokens: sum(({ tokens }) => tokens) }
    const counts = addCount(this.#heard.get(worker)?.counts ?? [], count)
    this.#heard.set(worker, { host, leases: leases.length, inFlight: sum(({ inFlight }) => inFlight), counts })
  }

  /** By name. */
  list(): WorkerCard[] {
    this.#forgetSilent(this.#now())
    return [...this.#heard]
      .map(([name, heard]) => describe(name, heard))
      .toSorted((a, b) => a.name.localeCompare(b.name))
  }

  forget(worker: string): void {
    this.#heard.delete(worker)
  }

  /** One from the future was heard of before the clock was set back. */
  #forgetSilent(nowMs: number): void {
    for (const [name, { counts }] of this.#heard) {
      const silentMs = nowMs - (counts.at(-1)?.atMs ?? 0)
      if (silentMs > silentMsMax || silentMs < -silentMsMax) this.#heard.delete(name)
    }
  }
}

/** A worker that counts from the beginning again has started anew. */
function addCount(counts: readonly Count[], count: Count): Count[] {
  const last = counts.at(-1)
  const isNew = last && (count.requests < last.requests || count.tokens < last.tokens || count.atMs < last.atMs)
  return [...(isNew ? [] : counts.filter(({ atMs }) => count.atMs - atMs <= rateMs)), count]
}

function describe(name: string, { host, leases, inFlight, counts }: Heard): WorkerCard {
  const [first, last] = [counts[0], counts.at(-1)]
  const seconds = first && last ? (last.atMs - first.atMs) / 1000 : 0
  const rate = (pick: (count: Count) => number): number =>
    first && last && seconds > 0 ? (pick(last) - pick(first)) / seconds : 0
  return {
    name,
    host,
    heardAt: last?.atMs ?? 0,
    isInServer: isServerWorker(name),
    leases,
    inFlight,
    tokensPerSecond: rate(({ tokens }) => tokens),
    requestsPerSecond: rate(({ requests }) => requests),
  }
}
