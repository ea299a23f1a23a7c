/** Asks a control room from where it can be reached: on a machine of the lab's network, say. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export type Question = {
  url: string
  token: string
  method?: 'GET' | 'POST' | 'PUT'
  /** JSON. */
  body?: unknown
}

export type Answered = { status: number; text: string; retryAfter: string | null; elapsedMs: number }

const program = `
  const [url, token, method, body] = process.argv.slice(1)
  const startedAt = performance.now()
  const headers = { authorization: 'Bearer ' + token, ...(body && { 'content-type': 'application/json' }) }
  const answer = await fetch(url, { method, headers, ...(body && { body }) })
  const text = await answer.text()
  const [status, retryAfter] = [answer.status, answer.headers.get('retry-after')]
  console.log(JSON.stringify({ status, text, retryAfter, elapsedMs: performance.now() - startedAt }))`

/** `enter`: words before a command that runs it there. @throws Error when nobody answers. */
export async function askFrom(
  enter: readonly string[],
  { url, token, method = 'GET', body }: Question,
): Promise<Answered> {
  const words = [...enter, process.execPath, '--input-type=module', '-e', program, url, token, method]
  if (body !== undefined) words.push(JSON.stringify(body))
  const [command = '', ...args] = words
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 256 * 1024 * 1024 })
  return JSON.parse(stdout) as Answered // as the program above writes
}
