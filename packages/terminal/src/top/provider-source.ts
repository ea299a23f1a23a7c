/**
 * The screen's own watch over rented machines: providers are asked for their machines, each machine for its log and its
 * GPUs, and all of it is folded into rows. Nothing else has to run.
 */
import type { InstanceFacts } from '@pilothouse/contract'
import type { Charge, Provider } from '@pilothouse/fleet'
import { formatDuration, type Health, type HealthProfile, type LogPattern } from '@pilothouse/signals'
import { type LookTarget, Lookout } from './lookout.ts'
import { judgeMachine } from './machines/judge-machine.ts'
import { takeCharges } from './machines/machine-bill.ts'
import { viewMachineDetail } from './machines/machine-detail.ts'
import { listMachineEvents } from './machines/machine-events.ts'
import type { LookAtMachine } from './machines/look-at-machine.ts'
import { rowIdOf, viewMachineRow } from './machines/machine-row.ts'
import {
  isForgotten,
  type MachineLook,
  type MachineState,
  markGone,
  meetMachine,
  takeFacts,
  takeLook,
} from './machines/machine-state.ts'
import { ProviderPoll } from './machines/provider-poll.ts'
import type { TopAction, TopSource, TopUpdate, TroubleKind } from './top-state.ts'
import type { TopTimers } from './top-timers.ts'

export type WatchedProvider = {
  provider: Provider
  /** As people know it: `vast.ai`. */
  name: string
  /** null: its machines cannot be looked at. */
  look: LookAtMachine | null
}

export type ProviderSourceOptions = {
  providers: readonly WatchedProvider[]
  /** Ids of the machines that are wanted; null: all. */
  wanted: readonly string[] | null
  intervalMs: number
  profile: HealthProfile
  patterns: readonly LogPattern[]
  readOnly: boolean
  timers: TopTimers
  /** What it is called; the names of its providers by default. */
  label?: string | undefined
}

/** More are not shown; whoever has so many looks at some of them. */
const machinesMax = 1_000
const looksMax = 8
const lookMsMax = 20_000
/** Of one look; of a first one, which looks for the epoch and the curve of the loss, and of those it brings what is told. */
const linesMax = 200
const firstLinesMax = 1_000
const lineLengthMax = 2_000
/** What comes within this time is told together. */
const gatherMs = 200

/** A source of rows that asks providers by itself. */
export function openProviderSource(options: ProviderSourceOptions): TopSource {
  return new ProviderSource(options)
}

type Judged = { state: MachineState; health: Health }

class ProviderSource implements TopSource {
  readonly label: string
  readonly floorMs: number | null
  readonly #options: ProviderSourceOptions
  readonly #polls: ProviderPoll[]
  readonly #lookout: Lookout<MachineLook>
  readonly #machines = new Map<string, Judged>()
  readonly #troubles = new Map<string, string>()
  readonly #missing = new Map<string, readonly string[]>()
  #tell: (update: TopUpdate) => void = () => undefined
  #told: string | null = null
  #watched: string | null = null
  #undoRound: () => void = () => undefined
  #undoGather: (() => void) | null = null

  constructor(options: ProviderSourceOptions) {
    this.#options = options
    this.label = options.label ?? options.providers.map(({ name }) => name).join(', ')
    this.floorMs = Math.max(...options.providers.map(({ provider }) => provider.pollMsMin))
    this.#polls = options.providers.map((one) => this.#openPoll(one))
    this.#lookout = new Lookout({
      timers: options.timers,
      intervalMs: options.intervalMs,
      looksMax,
      lookMsMax,
      onLook: (key, look) => this.#takeLook(key, look),
      onFailure: (key, error) => this.#takeFailure(key, error),
    })
  }

  start(tell: (update: TopUpdate) => void): void {
    this.#tell = tell
    this.#round()
  }

  refresh(): void {
    for (const poll of this.#polls) poll.hurry()
    this.#lookout.hurry()
    this.#lookAround()
  }

  watch(rowId: string | null): void {
    this.#watched = rowId
    if (rowId !== null) this.#gather()
  }

  async act(rowId: string, action: TopAction): Promise<string> {
    const found = this.#machines.get(rowId)
    if (found === undefined) throw new Error('This machine is no longer there.')
    const { provider, id } = found.state.facts
    const own = this.#options.providers.find((one) => one.provider.kind === provider)
    if (this.#options.readOnly) throw new Error('This screen only looks: it was started with --read-only.')
    if (action !== 'stop' || own === undefined || !own.provider.can.has('stop'))
      throw new Error('A rented machine can be stopped from here, and nothing else.')
    await own.provider.stop(id)
    this.refresh()
    return `${own.name} was told to stop #${id}. What is on its disk stays, and is billed.`
  }

  close(): Promise<void> {
    this.#undoRound()
    this.#undoGather?.()
    this.#undoGather = () => undefined
    this.#lookout.close()
    for (const poll of this.#polls) poll.close()
    this.#tell = () => undefined
    return Promise.resolve()
  }

  #openPoll({ provider, name }: WatchedProvider): ProviderPoll {
    const { timers, intervalMs } = this.#options
    return new ProviderPoll({
      timers,
      provider,
      intervalMs: Math.max(intervalMs, provider.pollMsMin),
      onMachines: (machines) => this.#takeMachines(provider, name, machines),
      onCharges: (charges) => this.#takeCharges(provider, charges),
      onTrouble: (trouble, kind) =>
        this.#takeTrouble(provider.kind, trouble === null ? null : addName(name, trouble), kind),
    })
  }

  /** Once in each interval: who is due is asked, and rows are told anew, because costs and ages go on. */
  #round(): void {
    const { timers, intervalMs } = this.#options
    this.#undoRound = timers.after(intervalMs, () => this.#round())
    for (const poll of this.#polls) poll.visit()
    this.#rejudge()
    this.#lookAround()
    this.#gather()
  }

  #lookAround(): void {
    const looks = new Map(this.#options.providers.map(({ provider, look }) => [provider.kind, look]))
    const targets = Array.from(this.#machines, ([key, { state }]) =>
      makeTarget(key, state.facts, looks.get(state.facts.provider) ?? null),
    )
    this.#lookout.visit(targets.filter((target) => target !== null))
  }

  #takeMachines(provider: Provider, name: string, listed: readonly InstanceFacts[]): void {
    const { wanted, timers, profile } = this.#options
    const now = timers.now()
    const machines = listed.filter(({ id }) => wanted === null || wanted.includes(id)).slice(0, machinesMax)
    const keys = new Set(machines.map(rowIdOf))
    for (const facts of machines) {
      const before = this.#machines.get(rowIdOf(facts))
      this.#put(
        before === undefined
          ? meetMachine(facts, now)
          : takeFacts(before.state, facts, { now, idleTo: profile.idleTo }),
      )
    }
    for (const [key, { state }] of this.#machines) {
      if (state.facts.provider !== provider.kind || keys.has(key)) continue
      this.#put(markGone(state, now))
    }
    this.#noteMissing(provider.kind, name, listed)
    this.#lookAround()
  }

  /** Says which of the wanted ids no provider has: of one that nobody lists there is no row. */
  #noteMissing(kind: string, name: string, listed: readonly InstanceFacts[]): void {
    const { wanted, providers } = this.#options
    const ids = new Set(listed.map(({ id }) => id))
    const isKnown = (id: string): boolean =>
      ids.has(id) || providers.some(({ provider }) => this.#machines.has(`${provider.kind}:${id}`))
    this.#missing.set(
      kind,
      (wanted ?? []).filter((id) => !isKnown(id)),
    )
    const lists = [...this.#missing.values()]
    const missing =
      lists.length < providers.length ? [] : (lists[0] ?? []).filter((id) => lists.every((one) => one.includes(id)))
    const names = providers.length === 1 ? name : 'No provider'
    const text =
      providers.length === 1
        ? `${names} lists no machine ${missing.join(', ')}.`
        : `${names} lists a machine ${missing.join(', ')}.`
    this.#takeTrouble('missing', missing.length === 0 ? null : text)
  }

  #takeCharges({ kind }: Provider, charges: readonly Charge[]): void {
    const byId = Map.groupBy(charges, ({ instanceId }) => instanceId)
    for (const { state } of this.#machines.values()) {
      if (state.facts.provider !== kind) continue
      this.#put({ ...state, bill: takeCharges(state.bill, byId.get(state.facts.id) ?? []) })
    }
  }

  #takeLook(key: string, look: MachineLook): void {
    const found = this.#machines.get(key)
    if (found === undefined) return
    const { timers, profile, patterns } = this.#options
    const now = timers.now()
    this.#put(takeLook(found.state, look, { now, idleTo: profile.idleTo, patterns }))
    const lines = look.lines
      .slice(-linesMax)
      .map((text) => ({ rowId: key, at: now, text: text.slice(0, lineLengthMax) }))
    if (lines.length > 0) this.#tell({ type: 'lines', lines })
  }

  #takeFailure(key: string, error: unknown): void {
    const found = this.#machines.get(key)
    if (found === undefined) return
    this.#put({ ...found.state, lookTrouble: error instanceof Error ? error.message : String(error) })
  }

  #put(state: MachineState): void {
    const { timers, profile } = this.#options
    const now = timers.now()
    const key = rowIdOf(state.facts)
    const before = this.#machines.get(key) ?? null
    const after = { state, health: judgeMachine(state, profile, now) }
    this.#machines.set(key, after)
    for (const event of listMachineEvents(before, after, now)) this.#tell(event)
    this.#gather()
  }

  /** Time alone makes machines idle and figures stale; what is gone for long is forgotten. */
  #rejudge(): void {
    const now = this.#options.timers.now()
    for (const [key, { state }] of this.#machines) {
      if (isForgotten(state, now)) this.#machines.delete(key)
      else this.#put(state)
    }
  }

  #takeTrouble(who: string, trouble: string | null, kind: TroubleKind = 'away'): void {
    if (trouble === null) this.#troubles.delete(who)
    else this.#troubles.set(who, trouble)
    const text = this.#troubles.size === 0 ? null : [...this.#troubles.values()].join(' ')
    if (text === this.#told) return
    this.#told = text
    this.#tell({ type: 'trouble', text, kind, at: this.#options.timers.now() })
    this.#gather()
  }

  #gather(): void {
    this.#undoGather ??= this.#options.timers.after(gatherMs, () => {
      this.#undoGather = null
      this.#tellRows()
    })
  }

  #tellRows(): void {
    const { timers, profile, readOnly, providers } = this.#options
    const now = timers.now()
    const abilities = new Map(providers.map(({ provider }) => [provider.kind, provider.can]))
    const rows = Array.from(this.#machines.values(), ({ state }) => {
      const { provider } = state.facts
      const can = abilities.get(provider) ?? new Set()
      return viewMachineRow(state, { now, profile, can, readOnly, trouble: this.#describeAge(state, now) })
    })
    this.#tell({ type: 'rows', rows, at: now })
    const watched = this.#watched === null ? undefined : this.#machines.get(this.#watched)
    if (watched) this.#tell({ type: 'detail', detail: viewMachineDetail(watched.state, now) })
  }

  #describeAge({ facts, toldAt }: MachineState, now: number): string | null {
    const trouble = this.#troubles.get(facts.provider)
    return trouble === undefined ? null : `As it was ${formatDuration(Math.max(0, now - toldAt))} ago. ${trouble}`
  }
}

/** null: there is nothing to look at. */
function makeTarget(key: string, machine: InstanceFacts, look: LookAtMachine | null): LookTarget<MachineLook> | null {
  if (look === null || machine.status !== 'running') return null
  return {
    key,
    async look(after, signal) {
      const { place, ...found } = await look(machine, {
        after,
        linesMax: after === null ? firstLinesMax : linesMax,
        signal,
      })
      return { place, found }
    },
  }
}

/** Says who it is about, where the trouble does not begin with it. */
function addName(name: string, trouble: string): string {
  return trouble.startsWith(name) ? trouble : `${name}: ${trouble}`
}
