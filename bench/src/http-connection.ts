/**
 * One kept HTTP/1.1 connection, one request at a time, as thin as can be: on two cores the measuring client competes with
 * the server that it measures, and Node's own client costs as much as the server does.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export type HttpAnswer = { status: number; body: string }

export class HttpConnection {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #waiting: ((answer: HttpAnswer) => void) | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
  }

  /** Sends head and body in one write; resolves with the whole answer. */
  send(head: string, body?: Uint8Array): Promise<HttpAnswer> {
    return new Promise((resolve) => {
      this.#waiting = resolve
      this.#socket.cork()
      this.#socket.write(head, 'latin1')
      if (body) this.#socket.write(body)
      this.#socket.uncork()
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes])
    const answer = readAnswer(this.#received)
    if (answer === undefined) return
    this.#received = Buffer.alloc(0)
    this.#waiting?.(answer)
  }
}

/** Opens a connection to the server of `url`. */
export async function openConnection(url: string): Promise<HttpConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  return new HttpConnection(socket)
}

function readAnswer(bytes: Buffer): HttpAnswer | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = bytes.toString('latin1', 0, headEnd)
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
  if (Number.isNaN(length)) throw new Error(`An answer without a length cannot be read here:\n${head}`)
  if (bytes.length < headEnd + 4 + length) return undefined
  return { status: Number(head.slice(9, 12)), body: bytes.toString('utf8', headEnd + 4, headEnd + 4 + length) }
}
