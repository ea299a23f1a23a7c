/** A batch from upload to results through the unmodified client of OpenAI, for tests. */
import OpenAI, { toFile } from 'openai'
import { expect, vi } from 'vitest'

export type ClientRun = {
  batch: OpenAI.Batch
  /** Lines of its files, by `custom_id`. */
  answers: Map<string, ResultLine>
  failures: Map<string, ResultLine>
}
export type ResultLine = {
  custom_id: string
  response: { status_code: number; body: { choices: { text?: string; message?: { content: string } }[] } } | null
  error: { code: string } | null
}

type Order = { endpoint: '/v1/chat/completions' | '/v1/completions'; bodies: Readonly<Record<string, object>> }
const patience = { timeout: 120_000, interval: 200 }

/** A client that is told no more than where the server is. */
export function openClient(url: string, apiKey: string): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey })
}

/** Uploads requests, by `custom_id`, and makes a batch of them. */
export async function createBatch(client: OpenAI, { endpoint, bodies }: Order): Promise<OpenAI.Batch> {
  const lines = Object.entries(bodies).map(
    ([id, body]) => `${JSON.stringify({ custom_id: id, method: 'POST', url: endpoint, body })}\n`,
  )
  const content = await toFile(Buffer.from(lines.join('')), 'requests.jsonl')
  const file = await client.files.create({ file: content, purpose: 'batch' })
  return client.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h' })
}

/** Waits until nothing of a batch changes any more, and reads what came of it. */
export async function readThrough(client: OpenAI, id: string): Promise<ClientRun> {
  const batch = await vi.waitFor(async () => {
    const now = await client.batches.retrieve(id)
    expect(['completed', 'failed', 'expired', 'cancelled']).toContain(now.status)
    return now
  }, patience)
  return {
    batch,
    answers: await readLines(client, batch.output_file_id),
    failures: await readLines(client, batch.error_file_id),
  }
}

async function readLines(client: OpenAI, fileId: string | null | undefined): Promise<Map<string, ResultLine>> {
  if (!fileId) return new Map()
  const text = await (await client.files.content(fileId)).text()
  const lines = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as ResultLine])) // as OpenAI writes them
  const byId = new Map(lines.map((line) => [line.custom_id, line]))
  expect(byId.size).toBe(lines.length)
  return byId
}
