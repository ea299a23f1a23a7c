import { type Alert, type AlertRuleInput, type Delivery, alertRuleInput } from '@pilothouse/contract'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestStorage, openTestStorage, pointsOf } from '../storage/test-storage.ts'

let test: TestStorage
beforeEach(async () => {
  test = await openTestStorage()
})
afterEach(() => test.close())

const anything: AlertRuleInput = { name: 'Unusual', condition: { kind: 'anomaly' } }
const gpu = 'gpu:box/0'

it('each anomaly of a rule has an alert of its own, which is over when it is', async () => {
  await write({ ...anything, condition: { kind: 'anomaly', kinds: ['spike', 'idle'] } })
  await test.put('job-1')
  const time = Date.now()
  await test.report('job-1', { points: [pointsOf({ loss: calm(200) }, { time }), idleGpu(time)] })
  await test.report('job-1', {
    points: [pointsOf({ loss: [9, ...calm(5)] }, { first: 200, time: time + 1_000_000 })],
  })
  expect(await list()).toMatchObject([
    {
      text: expect.stringMatching(/^loss has a spike\. It shot to 9 where 1\.\d+ was usual\.$/),
      series: { source: 'job', key: 'loss' },
      step: 201,
      status: 'raised',
    },
    {
      title: 'Unusual',
      text: 'gpu:box/0 is idle. It has done nothing for 15 m: at most 8 % use.',
      series: { source: gpu, key: 'gpu.utilization' },
      status: 'raised',
    },
  ])
  await test.report('job-1', { points: [pointsOf({ loss: calm(20) }, { first: 210, time: time + 1_100_000 })] })
  expect(await list()).toMatchObject([{ status: 'resolved', changedBy: null }, { status: 'raised' }])
})

it('only the kinds that a rule names are told, and the same not again before its cooldown is over', async () => {
  await write({ name: 'Spikes', condition: { kind: 'anomaly', kinds: ['spike'] }, cooldownMs: 3_600_000 })
  await test.put('job-1')
  const values = calm(500)
  for (const at of [200, 300, 400]) values[at] = 9
  await test.report('job-1', { points: [pointsOf({ loss: values }), idleGpu(Date.now())] })
  expect(await list()).toMatchObject([{ step: 201, status: 'resolved' }])
})

it('one that is open at a restart is resolved when it is over', async () => {
  await write(anything)
  await test.put('job-1')
  const time = Date.now()
  await test.report('job-1', { points: [idleGpu(time)] })
  await test.reopen()
  const at = (seconds: number) => ({ source: gpu, first: seconds, time: time + seconds * 1_000 })
  await test.report('job-1', { points: [pointsOf({ 'gpu.utilization': [1, 2, 1] }, at(1_101))] })
  expect(await list()).toMatchObject([{ status: 'raised' }])
  await test.report('job-1', { points: [pointsOf({ 'gpu.utilization': flat(60, 90) }, at(1_110))] })
  expect(await list()).toMatchObject([{ status: 'resolved' }])
})

it('one that a person resolved does not come back with the next point', async () => {
  await write(anything)
  await test.put('job-1')
  const time = Date.now()
  await test.report('job-1', { points: [idleGpu(time)] })
  const [open] = await list()
  await test.storage.call('alerts.edit', { ids: [open?.id ?? 0], status: 'resolved', memberName: 'anna' })
  const later = { source: gpu, first: 1_101, time: time + 1_101_000 }
  await test.report('job-1', { points: [pointsOf({ 'gpu.utilization': flat(30, 1) }, later)] })
  expect(await list()).toMatchObject([{ status: 'resolved', changedBy: 'anna' }])
})

it('of a job that has ended only a divergence is left open', async () => {
  await write(anything)
  await test.put('job-1')
  const diverging = [...calm(200), Number.NaN, Number.NaN, Number.NaN]
  await test.report('job-1', { points: [pointsOf({ loss: diverging }), idleGpu(Date.now())] })
  expect((await list()).map(({ status }) => status)).toEqual(['raised', 'raised'])
  await test.report('job-1', { state: { state: 'completed', at: Date.now() } })
  await expect
    .poll(async () => (await list()).map(({ text, status }) => [text.split('.')[0], status]))
    .toEqual([
      ['gpu:box/0 is idle', 'resolved'],
      ['loss diverges', 'raised'],
    ])
})

it('an epoch, a failure, an idle GPU and a diverging loss each reach a channel', async () => {
  const { id } = await test.storage.call('channels.create', {
    kind: 'webhook',
    name: 'ours',
    enabled: true,
    target: 'hooks.example.org/…',
    sealed: '',
    memberId: test.admin.memberId,
  })
  const channels = [id]
  await write({ name: 'epoch', condition: { kind: 'epoch' }, channels })
  await write({ name: 'failed', condition: { kind: 'state', states: ['failed'] }, channels })
  await write({ name: 'idle', condition: { kind: 'anomaly', kinds: ['idle'] }, channels })
  await write({ name: 'diverging', condition: { kind: 'anomaly', kinds: ['divergence'] }, channels })
  await test.put('job-1')
  const losses = [...calm(200), ...flat(40, 9)]
  const block = { ...pointsOf({ loss: losses }), epochs: losses.map((_, at) => at / 200) }
  await test.report('job-1', { points: [block, idleGpu(Date.now())] })
  await test.report('job-1', { state: { state: 'failed', at: Date.now(), error: { type: 'E', message: 'gone' } } })
  const told = async () => (await readDeliveries()).map(({ title }) => title).toSorted()
  await expect.poll(told).toEqual(['diverging', 'epoch', 'failed', 'idle'])
})

function write(input: AlertRuleInput) {
  const editor = { memberId: test.admin.memberId, all: false }
  return test.storage.call('alert-rules.create', { body: alertRuleInput.parse(input), editor })
}

async function list(): Promise<Alert[]> {
  return (await test.storage.call('alerts.list', { query: { limit: 50 } })).alerts
}

async function readDeliveries(): Promise<Delivery[]> {
  return (await test.storage.call('deliveries.list', { query: { limit: 50 } })).deliveries
}

/** Falls slowly, with a little that looks like noise. */
function calm(count: number): number[] {
  return Array.from({ length: count }, (_, at) => 1.5 + 0.5 / (1 + at / 50) + 0.02 * Math.sin(7 * at))
}

/** A minute of work, and then nothing for seventeen; a sample each second. */
function idleGpu(time: number) {
  return pointsOf({ 'gpu.utilization': [...flat(60, 90), ...flat(1_040, 1)] }, { source: gpu, time })
}

function flat(count: number, value: number): number[] {
  return Array.from({ length: count }, () => value)
}
