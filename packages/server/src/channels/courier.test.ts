import { PilothouseError, alertEvent, alertRuleInput } from '@pilothouse/contract'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { StorageClient } from '../storage/storage-client.ts'
import { type TestStorage, openTestStorage } from '../storage/test-storage.ts'
import { Courier } from './courier.ts'
import { openSeal } from './seal.ts'

let test: TestStorage
beforeEach(async () => {
  test = await openTestStorage()
})
afterEach(() => test.close())

it('what was sent and cannot be written down, as on a full disk, is not sent again', async () => {
  const seal = await openSeal(test.folder)
  const sealed = seal.seal(JSON.stringify({ url: 'https://hooks.example.org/x' }))
  const { id } = await test.storage.call('channels.create', {
    kind: 'slack',
    name: 'chat',
    enabled: true,
    target: 'hooks.example.org/…',
    sealed,
    memberId: test.admin.memberId,
  })
  const rule = { name: 'Told', condition: { kind: 'script' as const }, channels: [id] }
  const editor = { memberId: test.admin.memberId, all: true }
  await test.storage.call('alert-rules.create', { body: alertRuleInput.parse(rule), editor })
  let isFull = true
  let refused = 0
  const call: StorageClient['call'] = async (name, input) => {
    if (name === 'deliveries.settle' && isFull) {
      refused += 1
      throw new PilothouseError('diskFull', 'There is no space left.')
    }
    return test.storage.call(name, input)
  }
  let sent = 0
  const post = async () => {
    sent += 1
    return { status: 200, text: '', retryAfterMs: null }
  }
  const senders = { post, mail: () => Promise.resolve(), linkTo: (_place: string, id: string) => id, now: Date.now }
  const logger = { error: () => undefined }
  const storage = {
    call,
    subscribe: (listen: Parameters<StorageClient['subscribe']>[0]) => test.storage.subscribe(listen),
  }
  const courier = new Courier({ storage, seal, senders, now: Date.now, logger })
  courier.start()
  await test.put('job-1')
  await test.report('job-1', { alerts: [alertEvent.parse({ title: 'Stuck', level: 'warning', at: Date.now() })] })
  // Written in vain once it was sent, and once more when it looked again.
  await expect.poll(() => refused).toBeGreaterThanOrEqual(2)
  courier.wake()
  await expect.poll(() => refused).toBeGreaterThanOrEqual(3)
  expect(sent).toBe(1)
  expect(refused).toBeLessThan(10)
  isFull = false
  courier.wake()
  const read = async () => (await test.storage.call('deliveries.list', { query: { limit: 5 } })).deliveries
  await expect.poll(read).toMatchObject([{ status: 'delivered', tries: 1 }])
  expect(sent).toBe(1)
  await courier.close()
})
