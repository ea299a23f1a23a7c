/** A provider whose machines are invented, to try things out without an account. What shows them says so. */
import type { InstanceFacts } from '@pilothouse/contract'
import { writeMockLine } from './mock-log.ts'
import { chance, describeMachine, inventMachine, momentOf, type MockMachine, roundLines } from './mock-machine.ts'
import { type Provider, type ProviderAbility, ProviderError } from './provider.ts'

export type MockOptions = {
  /** ms */
  now: () => number
  /** The same one gives the same machines. */
  seed?: number
  /** One machine each. */
  ids?: readonly string[]
}

/** Where reading a log goes on: a round of the machine and a line within. */
export type MockPlace = { round: number; line: number }

export type Mock = {
  provider: Provider
  /** What its training printed behind `after`, the newest `linesMax` lines of it; null: from the beginning. */
  readLog(id: string, after: MockPlace | null, linesMax: number): { lines: string[]; place: MockPlace }
}

const mockIds = ['30007012', '30007267', '30007268', '30007269', '30007270']
const abilities: readonly ProviderAbility[] = ['start', 'stop', 'destroy', 'label', 'logs', 'utilisation']
const second = 1_000

/** An account with invented machines, whose trainings go on as time does. */
export function openMock({ now, seed = 1, ids = mockIds }: MockOptions): Mock {
  const account = new MockAccount(now, seed, ids)
  return { provider: makeProvider(account), readLog: (id, after, linesMax) => account.readLog(id, after, linesMax) }
}

function makeProvider(account: MockAccount): Provider {
  return {
    kind: 'mock',
    can: new Set(abilities),
    pollMsMin: second,
    list: () => answer(() => account.list()),
    get: (id) => answer(() => account.list().find((one) => one.id === id) ?? null),
    start: (id) => answer(() => account.change(id, { isStopped: false })),
    stop: (id) => answer(() => account.change(id, { isStopped: true })),
    destroy: (id) => answer(() => account.destroy(id)),
    label: (id, label) => answer(() => account.change(id, { label })),
    readLog: (id, lines) => answer(() => account.readLog(id, null, lines).lines),
    search: refuse,
    create: refuse,
    charges: refuse,
  }
}

/** Runs it as a provider would: what it throws becomes a rejection. */
function answer<Result>(ask: () => Result): Promise<Result> {
  return new Promise((resolve) => resolve(ask()))
}

function refuse(): Promise<never> {
  return Promise.reject(
    new ProviderError('unable', 'Invented machines cannot be rented, and nothing is billed for them.', {
      hint: 'Use an account with a provider.',
    }),
  )
}

type Own = { machine: MockMachine; label: string | null; isStopped: boolean }

class MockAccount {
  readonly #now: () => number
  readonly #seed: number
  readonly #origin: number
  readonly #machines: Map<string, Own>

  constructor(now: () => number, seed: number, ids: readonly string[]) {
    this.#now = now
    this.#seed = seed
    this.#origin = now()
    this.#machines = new Map(
      ids.map((id, place) => [
        id,
        { machine: inventMachine(id, place, seed), label: `invented-${place + 1}`, isStopped: false },
      ]),
    )
  }

  list(): InstanceFacts[] {
    const now = this.#now()
    return Array.from(this.#machines.values(), (own) => {
      const draw = chance(this.#seed, own.machine.id, Math.floor(now / (5 * second)))
      return describeMachine(own.machine, momentOf(own.machine, this.#origin, now), own, draw)
    })
  }

  change(id: string, change: Partial<Omit<Own, 'machine'>>): void {
    this.#machines.set(id, { ...this.#find(id), ...change })
  }

  destroy(id: string): void {
    this.#machines.delete(id)
  }

  readLog(id: string, after: MockPlace | null, linesMax: number): { lines: string[]; place: MockPlace } {
    const { machine, isStopped } = this.#find(id)
    const { round, lines: until } = momentOf(machine, this.#origin, this.#now())
    if (isStopped) return { lines: [], place: after ?? { round, line: 0 } }
    const missed =
      after !== null && after.round === round - 1
        ? this.#write(machine, after.round, after.line, roundLines(machine))
        : []
    const from = after !== null && after.round === round ? after.line : 0
    const lines = [...missed, ...this.#write(machine, round, Math.max(from, until - linesMax), until)]
    return { lines: lines.slice(-linesMax), place: { round, line: until } }
  }

  #write(machine: MockMachine, round: number, from: number, until: number): string[] {
    return Array.from({ length: Math.max(0, until - from) }, (_, at) =>
      writeMockLine(machine, round, from + at, this.#seed),
    )
  }

  #find(id: string): Own {
    const own = this.#machines.get(id)
    if (own) return own
    throw new ProviderError('notFound', `There is no invented machine ${id}.`, {
      hint: `There are ${[...this.#machines.keys()].join(', ')}.`,
    })
  }
}
