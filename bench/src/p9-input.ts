/** What both measurements of P9 send, and the stand-in engine that they send it to. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Pool } from 'undici'
import type { StubEngineOptions } from '../../lab/stub-engine/start-stub-engine.ts'

export const url = '/v1/chat/completions'
/** Lines that are read, or written, at once. */
export const rangeLines = 256
const answerTokens = 64
/** What a good engine does with a small model: 64 answers side by side, each in 0.64 s. */
export const answerRealistic: StubEngineOptions = { slots: 64, runningMax: 64, tokensPerSecond: 100 }

/** So many requests, each a little different. */
export async function writeInput(path: string, lines: number): Promise<void> {
  const file = await open(path, 'w')
  for (let from = 0; from < lines; from += rangeLines) {
    const part = Array.from({ length: Math.min(rangeLines, lines - from) }, (_, at) => writeLine(from + at))
    await file.write(part.join(''))
  }
  await file.close()
}

function writeLine(number: number): string {
  return `${JSON.stringify({ custom_id: `request-${number}`, method: 'POST', url, body: bodyOf(number) })}\n`
}

function bodyOf(number: number) {
  const content = `Summarise report ${number} in one sentence. ${'It was a calm day at sea. '.repeat(8)}`
  return { model: 'stub', max_tokens: answerTokens, messages: [{ role: 'user', content }] }
}

/** The same requests through the HTTP client alone, so many at a time, nothing kept. Requests a second. */
export async function runBare(given: {
  lines: number
  engine: StubEngineOptions
  connections: number
}): Promise<number> {
  const stub = await startStub(given.engine)
  const pool = new Pool(stub.url, { connections: given.connections })
  let next = 0
  const sendSome = async (): Promise<void> => {
    while (next < given.lines) {
      const body = JSON.stringify(bodyOf(next++))
      const answer = await pool.request({
        path: url,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      await answer.body.text()
    }
  }
  const beganMs = performance.now()
  await Promise.all(Array.from({ length: given.connections }, sendSome))
  const perSecond = (1_000 * given.lines) / (performance.now() - beganMs)
  await pool.close()
  await stub.stop()
  return perSecond
}

/** Ends with `stop`. */
export async function startStub(options: StubEngineOptions): Promise<{ url: string; stop: () => Promise<void> }> {
  const script = fileURLToPath(new URL('stub-process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [address] = (await once(createInterface(child.stdout), 'line')) as [string] // its first line
  return {
    url: address,
    stop: async () => {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}
