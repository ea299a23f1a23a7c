/** Engines and batches that a test of the pages needs before anybody looks, over the API as a program calls it. */
import { join } from 'node:path'
import type { BatchDetail, FileObject, OpenAiBatch } from '@pilothouse/contract'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { readAdminToken, type World } from './world.ts'

/** A line of a file of requests. */
export function writeLine(id: string, body: Record<string, unknown>, words = `Say ${id}.`): string {
  const request = { messages: [{ role: 'user', content: words }], ...body }
  return `${JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body: request })}\n`
}

/** A file as it is put into the input of a page. */
export function asUpload(name: string, text: string): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: 'application/jsonl', buffer: Buffer.from(text) }
}

export async function addEngine(world: World, engine: Record<string, unknown>): Promise<void> {
  await call(world, '/api/engines', { body: JSON.stringify(engine), json: true })
}

/** A batch over this text. */
export async function submit(world: World, name: string, text: string): Promise<string> {
  const form = new FormData()
  form.append('purpose', 'batch')
  form.append('file', new Blob([text]), name)
  const file = (await call(world, '/v1/files', { body: form })) as FileObject // what this route answers with
  const body = JSON.stringify({ input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' })
  return ((await call(world, '/v1/batches', { body, json: true })) as OpenAiBatch).id // what this route answers with
}

export async function readBatch(world: World, id: string): Promise<BatchDetail> {
  return (await call(world, `/api/batches/${id}`)) as BatchDetail // what this route answers with
}

/** Until it stands like this. */
export async function waitFor(world: World, id: string, status: BatchDetail['status']): Promise<void> {
  await expect.poll(async () => (await readBatch(world, id)).status, { interval: 100 }).toBe(status)
}

/** For people: only where somebody names a folder for pictures. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['PICTURES']
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) })
}

async function call(
  world: World,
  path: string,
  { body, json = false }: { body?: string | FormData; json?: boolean } = {},
): Promise<unknown> {
  const headers: Record<string, string> = { authorization: `Bearer ${await readAdminToken(world)}` }
  if (json) headers['content-type'] = 'application/json'
  const method = body === undefined ? 'GET' : 'POST'
  const answer = await fetch(world.url + path, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await answer.text()
  expect(answer.status, text).toBe(200)
  return JSON.parse(text)
}
