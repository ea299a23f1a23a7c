/**
 * One request over a pool, and its answer piece by piece as it comes. A stream object and an iterator for each answer would make
 * more garbage than all else that is done with it.
 */
import type { Dispatcher, Pool } from 'undici'
import type { AnswerHeaders } from './judge-failure.ts'
import type { Deadline } from './start-deadline.ts'

/** Takes the body of an answer. */
export type Taker<Taken> = {
  /** False: nothing more is wanted. */
  push: (piece: Buffer) => boolean
  /** What happens to the connection from now on does not matter to it. */
  isOver: () => boolean
  /** Called once, when nothing more comes. */
  finish: () => Taken
}

export type Asked = { path: string; method: 'GET' | 'POST'; headers: Record<string, string>; body?: string | undefined }
/** Who takes the body of an answer that begins so. */
export type Begin<Taken> = (status: number, headers: AnswerHeaders) => Taker<Taken>

/** @throws what the connection breaks with, what a taker throws, or the reason of the deadline */
export function exchange<Taken>(
  pool: Pool,
  asked: Asked,
  { deadline, begin }: { deadline: Deadline; begin: Begin<Taken> },
): Promise<Taken> {
  const { promise, resolve, reject } = Promise.withResolvers<Taken>()
  const handler = new ExchangeHandler({ deadline, begin, resolve, reject })
  deadline.onCut((reason) => handler.cut(reason))
  // A pool that is closed says so to the handler.
  if (!deadline.isOver()) pool.dispatch({ ...asked, body: asked.body ?? null }, handler)
  return promise
}

type Parts<Taken> = {
  deadline: Deadline
  begin: Begin<Taken>
  resolve: (taken: Taken) => void
  reject: (error: unknown) => void
}

class ExchangeHandler<Taken> implements Dispatcher.DispatchHandler {
  readonly #parts: Parts<Taken>
  #controller: Dispatcher.DispatchController | null = null
  #taker: Taker<Taken> | null = null
  #isSettled = false

  constructor(parts: Parts<Taken>) {
    this.#parts = parts
  }

  cut(reason: unknown): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#parts.reject(reason)
    this.#leave()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isSettled) this.#leave() // it was cut while it waited for a connection
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (this.#isSettled || status < 200) return
    this.#try(() => {
      this.#taker = this.#parts.begin(status, headers)
    })
  }

  onResponseData(_: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.#isSettled) return
    this.#try(() => {
      if (this.#taker?.push(piece) !== false) return
      this.#finish()
      this.#leave()
    })
  }

  onResponseEnd(): void {
    if (!this.#isSettled) this.#try(() => this.#finish())
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#isSettled) return
    if (this.#taker?.isOver() === true) this.#try(() => this.#finish())
    else this.cut(error)
  }

  #finish(): void {
    const taker = this.#taker
    if (!taker) throw new Error('An answer ended before it began.')
    const taken = taker.finish()
    this.#isSettled = true
    this.#parts.resolve(taken)
  }

  /** What a taker throws ends the exchange, and not the connection pool. */
  #try(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.cut(error)
    }
  }

  /** The connection is of no use any more: what still comes is not waited for. */
  #leave(): void {
    this.#controller?.abort(new Error('The exchange is over.'))
  }
}
