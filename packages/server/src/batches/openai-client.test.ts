/** The official client, as it comes from npm. */
import OpenAI, { toFile } from 'openai'
import { openAiBatch } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type BatchWorld, chat, inputOf, lineOf, openBatchWorld, waitUntilChecked } from './batches.fixture.ts'

let world: BatchWorld
let client: OpenAI
beforeAll(async () => {
  world = await openBatchWorld()
  client = new OpenAI({ baseURL: `${world.test.server.url}/v1`, apiKey: world.test.tokens.member })
})
afterAll(() => world.close())

async function create(text: string, more: { metadata?: Record<string, string> } = {}): Promise<OpenAI.Batch> {
  const file = await client.files.create({ file: await toFile(Buffer.from(text), 'in.jsonl'), purpose: 'batch' })
  const order = { input_file_id: file.id, endpoint: chat, completion_window: '24h' } as const
  return client.batches.create({ ...order, ...more })
}

it('the official client creates batches, retrieves, lists and cancels them', async () => {
  const first = await create(inputOf(2), { metadata: { run: 'nightly' } })
  expect(first).toMatchObject({ object: 'batch', status: 'validating', metadata: { run: 'nightly' } })
  await waitUntilChecked(world.test, first.id)
  const begun = await client.batches.retrieve(first.id)
  expect(openAiBatch.strict().parse(begun)).toMatchObject({
    status: 'in_progress',
    request_counts: { total: 2, completed: 0, failed: 0 },
  })
  const second = await create(inputOf(1))
  const third = await create(inputOf(1))
  const listed: string[] = []
  for await (const { id } of client.batches.list({ limit: 2 })) listed.push(id)
  expect(listed).toEqual([third.id, second.id, first.id])
  expect((await client.batches.cancel(first.id)).cancelling_at).toBeGreaterThan(0)
})

it('the official client is told what is wrong with an input, and where', async () => {
  const { id } = await create(`${lineOf('a')}\n${lineOf('a')}`)
  await waitUntilChecked(world.test, id)
  const { status, errors } = await client.batches.retrieve(id)
  expect([status, errors?.data?.[0]]).toMatchObject([
    'failed',
    { code: 'duplicate_custom_id', line: 2, param: 'custom_id', message: expect.any(String) as string },
  ])
  await expect(client.batches.cancel(id)).rejects.toBeInstanceOf(OpenAI.ConflictError)
})

it('the official client understands what is refused, and does not ask again where that is of no use', async () => {
  await expect(client.batches.retrieve('batch_nothing')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  const began = performance.now()
  const refused = create(lineOf('a', {}, { model: 'large' }))
  await expect(refused).rejects.toMatchObject({
    status: 503,
    param: 'model',
    type: 'server_error',
    code: 'unavailable',
  })
  expect(performance.now() - began).toBeLessThan(2_000)
  const viewer = new OpenAI({ baseURL: `${world.test.server.url}/v1`, apiKey: world.test.tokens.viewer })
  await expect(viewer.batches.list()).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError)
  const order = { input_file_id: 'file-nothing', endpoint: chat, completion_window: '24h' } as const
  await expect(client.batches.create(order)).rejects.toMatchObject({ status: 400, param: 'input_file_id' })
})
