/** The engines of a run. They may change while it goes on: who leaves gets nothing more, and what it still answers counts. */
import type { BatchRequest } from '../request.ts'
import type { DispatchEngine } from './dispatch-engine.ts'
import { EngineSeat, type SeatView } from './engine-seat.ts'

/** How often they are asked: llama.cpp does not notice that nobody waits for an answer any more while it is asked every second. */
const askEveryMs = { telling: 1_250, silent: 30_000 }

/** An engine, and what is known of it. */
export type Place<R extends BatchRequest> = {
  engine: DispatchEngine<R>
  seat: EngineSeat
  /** It has figures of its own. */
  tells: boolean
  askAtMs: number
  /** It gets nothing more, and is forgotten once nothing is under way. */
  isLeaving: boolean
}

type Options = {
  now: () => number
  /** Requests may be sent that could not before. */
  onRoom: () => void
  /** It has left; what it did is in the view. */
  onLeft: (view: SeatView) => void
}

export class EngineSeats<R extends BatchRequest> {
  readonly #options: Options
  #places: Place<R>[] = []
  /** The seat that is offered a request first, so that all get their part. */
  #turn = 0

  constructor(options: Options) {
    this.#options = options
  }

  get isIdle(): boolean {
    return this.#places.every(({ seat }) => seat.view().inFlight === 0)
  }

  view(): SeatView[] {
    return this.#places.map(({ seat }) => seat.view())
  }

  /** Engines of the same name keep their seat. */
  set(engines: readonly DispatchEngine<R>[]): void {
    const named = new Map(engines.map((engine) => [engine.name, engine]))
    for (const place of this.#places) {
      const engine = named.get(place.engine.name)
      place.isLeaving = engine === undefined
      if (engine) renew(place, engine)
      named.delete(place.engine.name)
    }
    for (const engine of named.values()) this.#places.push(makePlace(engine))
    this.dropLeft()
  }

  /** The next one that may be sent a request now. */
  find(): Place<R> | undefined {
    const now = this.#options.now()
    for (let step = 0; step < this.#places.length; step += 1) {
      const at = (this.#turn + step) % this.#places.length
      const place = this.#places[at]
      if (!place || place.isLeaving || !place.seat.hasRoom(now)) continue
      this.#turn = at + 1
      return place
    }
    return undefined
  }

  /** Forgets those that are to leave and have nothing under way any more. */
  dropLeft(): void {
    if (!this.#places.some(({ isLeaving }) => isLeaving)) return
    const isOver = ({ isLeaving, seat }: Place<R>): boolean => isLeaving && seat.view().inFlight === 0
    const left = this.#places.filter(isOver)
    this.#places = this.#places.filter((place) => !isOver(place))
    for (const { seat } of left) this.#options.onLeft(seat.view())
  }

  /** Looks at how they do; to be called about twice a second. */
  look(): void {
    for (const place of this.#places) void this.#lookAt(place)
  }

  /** By its own figures where it has some, else by what comes from it. */
  async #lookAt(place: Place<R>): Promise<void> {
    const { now, onRoom } = this.#options
    const nowMs = now()
    if (nowMs >= place.askAtMs) {
      place.askAtMs = Number.POSITIVE_INFINITY
      const metrics = (await place.engine.readMetrics?.().catch(() => null)) ?? null
      place.tells = metrics !== null
      place.askAtMs = now() + (place.tells ? askEveryMs.telling : askEveryMs.silent)
      place.seat.look(now(), metrics)
    } else if (!place.tells) place.seat.look(nowMs, null)
    onRoom()
  }
}

function makePlace<R extends BatchRequest>(engine: DispatchEngine<R>): Place<R> {
  const seat = new EngineSeat(engine.name, engine.bounds)
  return { engine, seat, tells: false, askAtMs: Number.NEGATIVE_INFINITY, isLeaving: false }
}

/** One that was away may be there at its new address, or let in by its new key: it is tried at once. */
function renew<R extends BatchRequest>(place: Place<R>, engine: DispatchEngine<R>): void {
  if (engine.send !== place.engine.send) place.seat.tryAgain()
  place.engine = engine
  place.seat.setBounds(engine.bounds)
}
