/** An upload whose bytes are made while they are sent, as Node's client sends it: the file first, in chunks. */
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'

const boundary = 'a-boundary-of-our-own'
const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="large.jsonl"\r\ncontent-type: application/octet-stream\r\n\r\n`
const tail = `\r\n--${boundary}\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--${boundary}--\r\n`

export type Streaming = {
  /** Sends bytes and waits until the socket has room for more. */
  send(bytes: Uint8Array): Promise<void>
  /** Sends what stands behind the file. */
  finish(): Promise<FormAnswer>
  /** What it is answered with, whether it is finished or not. */
  answer: Promise<FormAnswer>
  /** Goes away in the middle of it. */
  hangUp(): void
}
type FormAnswer = { status: number; json: unknown }

/** `bytes`: how long it says that it is. */
export async function streamForm(url: string, token: string, bytes?: number): Promise<Streaming> {
  const type = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  const length = bytes === undefined ? {} : { 'content-length': String(bytes) }
  const headers = { authorization: `Bearer ${token}`, ...type, ...length }
  const outgoing = request(`${url}/v1/files`, { method: 'POST', headers, agent: false })
  const answer = readAnswer(outgoing)
  answer.catch(() => undefined) // told to whoever waits for it
  await write(outgoing, Buffer.from(head))
  return {
    send: (part) => write(outgoing, part),
    finish: () => {
      outgoing.end(tail)
      return answer
    },
    answer,
    hangUp: () => outgoing.destroy(),
  }
}

async function readAnswer(outgoing: ClientRequest): Promise<FormAnswer> {
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage] // what the event carries
  outgoing.on('error', () => undefined) // it may end while it is still sent
  let text = ''
  for await (const part of incoming.setEncoding('utf8')) text += String(part)
  return { status: incoming.statusCode ?? 0, json: JSON.parse(text) }
}

function write(outgoing: ClientRequest, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    outgoing.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
