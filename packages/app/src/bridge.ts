/**
 * Keeps a way open between this control room and a machine reached by ssh: a port over there that leads here, and the
 * mailboxes there, collected. Where no port may be forwarded, the mailboxes alone.
 *
 *   connect → prepare → forward (once refused: mailboxes alone) → collect, until the connection breaks
 *      ↑                                                                      │
 *      └──────────── growing pause (at most `retryMaxMs`) ←───────────────────┘
 *
 * The first connection may fail: then it is told and that is all. Later ones are tried for ever. The port stays the same
 * over all of them, because scripts have it in their environment.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type FarSide, type MailboxCollector, makeSshPlace, prepareFarSide, SshError, SshLink } from '@pilothouse/fleet'

export const bridgeTimes = {
  retryFirstMs: 1_000,
  retryMaxMs: 15_000,
  /** While a session that broke still holds the port over there. */
  portRetryMs: 2_000,
} as const

export type BridgeEvent =
  /** `port` is null where none is forwarded; `refusal` says why. */
  | { kind: 'ready'; far: FarSide; port: number | null; refusal: Error | null }
  | { kind: 'broken'; error: SshError }
  | { kind: 'healed' }
  /** The port of before is not (yet) to be had again. */
  | { kind: 'portTaken'; port: number; error: Error }
  | { kind: 'portOpen'; port: number }
  /** The mailboxes cannot be looked at; it is tried again. */
  | { kind: 'unreadable'; error: unknown }

export type BridgeOptions = {
  host: string
  configPath?: string | undefined
  /** The first connection may ask at the terminal. */
  mayAsk: boolean
  mailboxes: readonly string[]
  /** Wished for over there; 0 lets the far side choose. */
  remotePort: number
  /** Where a forwarded port leads, or why none can. */
  target: { host: string; port: number } | Error
  /** Written to a file over there; null to leave what is there. */
  token: string | null
  collector: MailboxCollector
  tell: (event: BridgeEvent) => void
}

/** How reports come back, once that is known: by this port, or by mailboxes alone. */
type Way = { port: number } | { refusal: Error }

export class Bridge {
  readonly #options: BridgeOptions
  #way: Way | null = null
  #failures = 0
  #said = ''

  constructor(options: BridgeOptions) {
    this.#options = options
  }

  /**
   * Keeps the way open until it is told to stop; then everything of it is gone.
   * @throws SshError when the first connection does not come about.
   */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const link = await this.#connect(signal)
      if (link === null) continue
      try {
        await this.#serve(link, signal)
      } finally {
        await link.close()
      }
    }
  }

  /** Null when it did not come about this time. */
  async #connect(signal: AbortSignal): Promise<SshLink | null> {
    const { host, configPath, mayAsk } = this.#options
    try {
      return await SshLink.open({ host, configPath, mayAsk: mayAsk && this.#way === null, signal })
    } catch (error) {
      if (signal.aborted) return null
      if (this.#way === null || !(error instanceof SshError)) throw error
      this.#tellBroken(error)
      await pause(this.#choosePause(), signal)
      return null
    }
  }

  async #serve(link: SshLink, signal: AbortSignal): Promise<void> {
    const gone = new AbortController()
    void link.closed.then(() => gone.abort())
    const whileOpen = AbortSignal.any([signal, gone.signal])
    try {
      const isFirst = this.#way === null
      const far = await this.#prepare(link, whileOpen)
      this.#failures = 0
      this.#said = ''
      const port = isFirst ? Promise.resolve() : this.#reopenPort(link, whileOpen)
      await Promise.all([this.#collect(link, far, whileOpen), port])
    } catch (error) {
      if (signal.aborted) return
      if (this.#way === null || !(error instanceof SshError)) throw error
      this.#tellBroken(error)
    }
    if (signal.aborted) return
    const broken = gone.signal.aborted ? await link.closed : null
    if (broken) this.#tellBroken(broken)
    await pause(this.#choosePause(), signal)
  }

  async #prepare(link: SshLink, signal: AbortSignal): Promise<FarSide> {
    const { mailboxes, token } = this.#options
    const isFirst = this.#way === null
    const far = await prepareFarSide(link, { mailboxes, token: isFirst ? token : null }, signal)
    if (isFirst) {
      const way = await this.#choosePort(link)
      this.#way = way
      const port = 'port' in way ? way.port : null
      this.#options.tell({ kind: 'ready', far, port, refusal: 'refusal' in way ? way.refusal : null })
    } else {
      this.#options.tell({ kind: 'healed' })
    }
    return far
  }

  /** @throws SshError when a port was wished for and is taken. */
  async #choosePort(link: SshLink): Promise<Way> {
    const { target, remotePort } = this.#options
    if (target instanceof Error) return { refusal: target }
    try {
      return { port: await link.forward({ remotePort, target }) }
    } catch (refusal) {
      if (!(refusal instanceof SshError)) throw refusal
      if (remotePort === 0) return { refusal }
      // Another one would be opened: then it is not forwarding that is forbidden.
      const isForbidden = await link.forward({ remotePort: 0, target }).then(
        () => false,
        () => true,
      )
      if (isForbidden) return { refusal }
      const why = `The port ${remotePort} of ${link.host} cannot be had: something there has it, or it is below 1024.`
      throw new SshError('other', why, 'Name another with --port, or leave it out.', { cause: refusal })
    }
  }

  /** After the first connection: the port that scripts know, as soon as the far side lets go of it. */
  async #reopenPort(link: SshLink, signal: AbortSignal): Promise<void> {
    const { target, tell } = this.#options
    if (this.#way === null || !('port' in this.#way) || target instanceof Error) return
    const { port } = this.#way
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        await link.forward({ remotePort: port, target })
        tell({ kind: 'portOpen', port })
        return
      } catch (error) {
        if (!(error instanceof SshError) || signal.aborted) return
        if (tries === 1) tell({ kind: 'portTaken', port, error })
        await pause(bridgeTimes.portRetryMs, signal)
      }
    }
  }

  async #collect(link: SshLink, { mailboxes }: FarSide, signal: AbortSignal): Promise<void> {
    const place = makeSshPlace(link, mailboxes)
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#options.collector.watch(place, signal)
      } catch (error) {
        // A look fails a moment before the connection is known to be gone; then that is what is told.
        await pause(Math.min(bridgeTimes.retryMaxMs, bridgeTimes.retryFirstMs * 2 ** failures), signal)
        if (!signal.aborted && failures === 0) this.#options.tell({ kind: 'unreadable', error })
      }
    }
  }

  /** The same words once, however often it is tried. */
  #tellBroken(error: SshError): void {
    if (this.#said === error.kind) return
    this.#said = error.kind
    this.#options.tell({ kind: 'broken', error })
  }

  #choosePause(): number {
    const { retryFirstMs, retryMaxMs } = bridgeTimes
    const full = Math.min(retryMaxMs, retryFirstMs * 2 ** Math.min(this.#failures, 10))
    this.#failures += 1
    return full * (0.5 + Math.random() / 2)
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined) // told to stop: the caller looks at the signal
}
