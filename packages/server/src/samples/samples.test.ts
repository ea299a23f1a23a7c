import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Report, type SampleEvent, limits, sampleKeysQuery, sampleQuery } from '@pilothouse/contract'
import { afterEach, describe, expect, it } from 'vitest'
import { type TestStorage, openTestStorage, pointsOf, waitForUpdate } from '../storage/test-storage.ts'

/** One red pixel. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC'

let test: TestStorage
afterEach(() => test.close())

describe('samples', () => {
  it('are kept with the report that brought them, and found by key and step', async () => {
    test = await startWithJob()
    await log([text('answers', 10, 'ten'), text('answers', 10, 'ten again', 1), image('view', 10)])
    await log([text('answers', 20, 'twenty')])
    const { keys } = await listKeys()
    expect(keys.map(({ key, kinds, count, steps }) => ({ key, kinds, count, steps }))).toEqual([
      { key: 'answers', kinds: ['text'], count: 3, steps: [10, 20] },
      { key: 'view', kinds: ['image'], count: 1, steps: [10] },
    ])
    expect(outputs(await list({ key: 'answers', step: 10 }))).toEqual(['ten', 'ten again'])
    expect(outputs(await list({ key: 'answers', step: 19 }))).toEqual(['ten', 'ten again'])
    expect(outputs(await list({ key: 'answers', step: 1 }))).toEqual(['ten', 'ten again'])
    expect(outputs(await list({ key: 'answers', step: 99 }))).toEqual(['twenty'])
    const [view] = await list({ key: 'view', step: 10 })
    expect(view).toMatchObject({ type: 'image/png', width: 1, height: 1, body: null })
    const content = await test.storage.call('samples.content', { uid: 'job-1', id: view?.id ?? 0 })
    expect(Buffer.from(content.bytes).toString('base64')).toBe(png)
    expect((await test.storage.call('jobs.get', { uid: 'job-1' })).samples).toMatchObject({ keys: 2, count: 4 })
  })

  it('come in pages by step, then in the order in which they were logged', async () => {
    test = await startWithJob()
    await log([20, 10, 10, 30].map((step, at) => text('answers', step, String(at))))
    const first = await page({ limit: 3 })
    expect(outputs(first.samples)).toEqual(['1', '2', '0'])
    const second = await page({ limit: 3, cursor: first.next })
    expect([outputs(second.samples), second.next]).toEqual([['3'], null])
    expect(outputs(await list({ from: 20, to: 30 }))).toEqual(['0', '3'])
  })

  it('change nothing when their report is repeated', async () => {
    test = await startWithJob()
    await log([image('view', 1)], 1)
    await log([image('view', 1)], 1)
    expect((await listKeys()).keys[0]).toMatchObject({ count: 1 })
  })

  it('of the same content share one file, and large bodies have one, too', async () => {
    test = await startWithJob()
    await log([image('a', 1), image('b', 2), text('long', 1, 'x'.repeat(50_000))])
    expect(await readdir(sampleFolder())).toHaveLength(2)
    const [long] = await list({ key: 'long' })
    expect(long?.body).toBeNull()
    const { bytes } = await test.storage.call('samples.content', { uid: 'job-1', id: long?.id ?? 0 })
    expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({ output: 'x'.repeat(50_000) })
  })

  it('are told to whoever watches', async () => {
    test = await startWithJob()
    test.storage.watch(['samples:job-1'])
    const told = waitForUpdate(test.storage, ({ topic, data }) => (topic === 'samples:job-1' ? data : undefined))
    await log([text('answers', 1, 'now')])
    expect(await told).toMatchObject({ skipped: 0, samples: [{ key: 'answers', body: { output: 'now' } }] })
  })

  it.each([
    ['no image at all', Buffer.from('<svg onload="alert(1)"/>').toString('base64')],
    ['no base64', '%%%'],
  ])('refuse their report when an image is %s', async (_name, data) => {
    test = await startWithJob()
    const points = [pointsOf({ loss: [1] })]
    const report = test.report('job-1', { points, samples: [{ ...common('view', 1), kind: 'image', data }] })
    await expect(report).rejects.toMatchObject({ code: 'invalid', field: 'samples[0].data' })
    expect((await test.query('job-1')).series).toEqual([])
  })

  it('refuse what does not fit together', async () => {
    test = await startWithJob()
    const table: SampleEvent = { ...common('t', 1), kind: 'table', body: { columns: ['a', 'b'], rows: [[1]] } }
    await expect(log([table])).rejects.toMatchObject({ code: 'invalid', field: 'samples[0].body' })
    const histogram: SampleEvent = { ...common('h', 1), kind: 'histogram', body: { counts: [1, 2], edges: [0, 1] } }
    await expect(log([histogram])).rejects.toMatchObject({ code: 'invalid', field: 'samples[0].body' })
  })

  it('beyond the bound of keys are left out, which the acknowledgement says, and the rest of the report is stored', async () => {
    test = await startWithJob()
    await log(Array.from({ length: limits.sampleKeysMax }, (_, at) => text(`key-${at}`, 1, 'x')))
    const ack = await test.report('job-1', {
      samples: [text('one more', 1, 'x'), text('key-1', 2, 'y')],
      points: [pointsOf({ loss: [1] })],
    })
    expect(ack.leftOut).toEqual([expect.stringContaining('keys')])
    expect((await test.query('job-1')).series).toHaveLength(1)
    expect(await listKeys({ key: 'key-1' })).toMatchObject({ leftOut: 1, keys: [{ count: 2 }] })
  })

  it('hold texts without NULs, and thin steps evenly', async () => {
    test = await startWithJob()
    await log(Array.from({ length: 9 }, (_, step) => text('a\0b', step, 'x\0y')))
    expect(outputs(await list({ step: 0 }))).toEqual(['x�y'])
    expect(await listKeys({ steps: 3 })).toMatchObject({ keys: [{ key: 'a�b', steps: [0, 4, 8], stepsTotal: 9 }] })
  })

  it('go away with their job, rows and files', async () => {
    test = await startWithJob()
    await log([image('view', 1)])
    const folder = sampleFolder()
    await test.storage.call('jobs.delete', { uid: 'job-1', actor: test.admin, now: true })
    await expect.poll(() => readdir(folder).catch(() => 'gone')).toBe('gone')
  })

  it('leave no file behind that no row names', async () => {
    test = await startWithJob()
    await log([image('view', 1)])
    const [kept] = await readdir(sampleFolder())
    await writeFile(join(sampleFolder(), 'f'.repeat(64)), 'left behind')
    await test.reopen()
    await expect.poll(() => readdir(sampleFolder()), { timeout: 15_000 }).toEqual([kept])
  }, 20_000)
})

async function startWithJob(): Promise<TestStorage> {
  const started = await openTestStorage()
  await started.put('job-1')
  return started
}

function sampleFolder(): string {
  return join(test.folder, 'samples', '1')
}

function log(samples: SampleEvent[], number?: number) {
  const parts: Partial<Report> = { samples, ...(number === undefined ? {} : { number }) }
  return test.report('job-1', parts, 'json')
}

function common(key: string, step: number) {
  return { key, step, at: Date.now(), index: 0 }
}

function text(key: string, step: number, output: string, index = 0): SampleEvent {
  return { ...common(key, step), index, kind: 'text', body: { prompt: null, output, fields: {} } }
}

function image(key: string, step: number): SampleEvent {
  return { ...common(key, step), kind: 'image', data: png }
}

function page(query: Record<string, unknown>) {
  return test.storage.call('samples.list', {
    uid: 'job-1',
    query: sampleQuery.parse({ ...query, cursor: query['cursor'] ?? undefined }),
  })
}

async function list(query: Record<string, unknown>) {
  return (await page(query)).samples
}

function listKeys(query: Record<string, unknown> = {}) {
  return test.storage.call('samples.keys', { uid: 'job-1', query: sampleKeysQuery.parse(query) })
}

function outputs(samples: Awaited<ReturnType<typeof list>>): unknown[] {
  return samples.map(({ body }) => body && 'output' in body && body.output)
}
