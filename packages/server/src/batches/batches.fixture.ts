/** A control room with an engine (a stand-in), and inputs of batches, for tests. */
import type { BatchDetail, OpenAiBatch } from '@pilothouse/contract'
import { expect } from 'vitest'
import { type StubEngine, startStubEngine } from '../../../../lab/stub-engine/start-stub-engine.ts'
import type { ServerConfig } from '../config.ts'
import { batchOf, keepFile } from '../files/files.fixture.ts'
import { type Answer, type TestServer, startTestServer } from '../http/test-server.ts'

export const chat = '/v1/chat/completions'

export type BatchWorld = { test: TestServer; stub: StubEngine; close(): Promise<void> }

export async function openBatchWorld(settings: Partial<ServerConfig> = {}): Promise<BatchWorld> {
  const stub = await startSilentEngine()
  const test = await startTestServer(settings)
  await addStub(test, stub)
  const close = async (): Promise<void> => {
    await test.close()
    await stub.close()
  }
  return { test, stub, close }
}

/** It is healthy and never answers a request, so batches stay as they are. */
export async function startSilentEngine(): Promise<StubEngine> {
  const stub = await startStubEngine({ instant: true })
  stub.faults.random.push({ share: 1, fault: { kind: 'stall' } })
  return stub
}

/** Its model is «stub». */
export async function addStub(test: TestServer, stub: StubEngine): Promise<void> {
  const body = { name: 'stand-in', baseUrl: stub.url }
  expect((await test.ask('/api/engines', { method: 'POST', token: test.tokens.admin, body })).status).toBe(200)
}

/** A line that is in order but for what is given. */
export function lineOf(id: string, changes: Record<string, unknown> = {}, body: Record<string, unknown> = {}): string {
  const messages = [{ role: 'user', content: `Say ${id}.` }]
  const request = { custom_id: id, method: 'POST', url: chat, body: { model: 'stub', messages, ...body } }
  return JSON.stringify({ ...request, ...changes })
}

export function inputOf(count: number): string {
  return Array.from({ length: count }, (_, at) => `${lineOf(`r${at}`)}\n`).join('')
}

type Call = { token?: string; headers?: Record<string, string>; body?: Record<string, unknown> }

/** Uploads an input and asks for a batch over it. */
export async function submit(test: TestServer, text: string | Uint8Array, call: Call = {}): Promise<Answer> {
  const { token = test.tokens.member } = call
  const parts = batchOf('').map(([name, value, file]) =>
    name === 'file' ? ([name, new Blob([Buffer.from(text)]), file ?? ''] as const) : ([name, value] as const),
  )
  const { id } = await keepFile(test, parts, token)
  return create(test, { ...call, token, body: { input_file_id: id, ...call.body } })
}

/** Asks for a batch over a file that is there. */
export async function create(test: TestServer, { token = test.tokens.member, headers, body }: Call): Promise<Answer> {
  const given = { endpoint: chat, completion_window: '24h', ...body }
  return test.ask('/v1/batches', { method: 'POST', token, ...(headers ? { headers } : {}), body: given })
}

/** Asks for a batch that is taken. */
export async function keepBatch(test: TestServer, text: string = inputOf(3), call: Call = {}): Promise<OpenAiBatch> {
  const answer = await submit(test, text, call)
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.json as OpenAiBatch // what this route answers with
}

export async function getBatch(test: TestServer, id: string, token = test.tokens.admin): Promise<OpenAiBatch> {
  return (await test.ask(`/v1/batches/${id}`, { token })).json as OpenAiBatch // what this route answers with
}

export async function getDetail(test: TestServer, id: string, token = test.tokens.admin): Promise<BatchDetail> {
  return (await test.ask(`/api/batches/${id}`, { token })).json as BatchDetail // what this route answers with
}

/** Waits until the input of a batch is checked. */
export async function waitUntilChecked(test: TestServer, id: string): Promise<OpenAiBatch> {
  let batch: OpenAiBatch | undefined
  await expect.poll(async () => (batch = await getBatch(test, id)).status, { timeout: 20_000 }).not.toBe('validating')
  if (!batch) throw new Error(`There is no batch ${id}.`)
  return batch
}
