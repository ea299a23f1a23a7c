import { type Alert, type AlertRuleInput, type Report, alertRuleInput } from '@pilothouse/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestStorage, openTestStorage, pointsOf, waitForUpdate } from '../storage/test-storage.ts'

let test: TestStorage
beforeEach(async () => {
  test = await openTestStorage()
})
afterEach(() => test.close())

const nanRule: AlertRuleInput = { name: 'NaN', condition: { kind: 'non-finite', key: '*loss*' }, level: 'error' }
const failRule: AlertRuleInput = { name: 'Failed', condition: { kind: 'state', states: ['failed', 'lost'] } }

function write(input: AlertRuleInput, memberId = test.admin.memberId) {
  return test.storage.call('alert-rules.create', {
    body: alertRuleInput.parse(input),
    editor: { memberId, all: false },
  })
}

async function list(query: { status?: Alert['status'][] } = {}): Promise<Alert[]> {
  return (await test.storage.call('alerts.list', { query: { limit: 50, ...query } })).alerts
}

function edit(ids: number[], status: Alert['status']) {
  return test.storage.call('alerts.edit', { ids, status, memberName: 'anna' })
}

/** Resolves with the first alert that the live stream tells of which `pick` is true. */
function hear(pick: (alert: Alert) => boolean): Promise<Alert> {
  return waitForUpdate(test.storage, ({ topic, data }) =>
    topic === 'alerts' ? (data as { alerts: Alert[] }).alerts.find(pick) : undefined,
  )
}

function end(state: 'failed' | 'completed', message = 'gone'): Partial<Report> {
  const error = { type: 'RuntimeError', message }
  return { state: { state, at: Date.now(), error } }
}

describe('a rule on a series', () => {
  it('raises an alert with the points that it is about, once, and resolves it when it is over', async () => {
    const rule = await write(nanRule)
    await test.put('job-1', { name: 'llama', project: 'sft' })
    await test.report('job-1', { points: [pointsOf({ loss: [1, Number.NaN, Number.NaN], lr: [Number.NaN, 1, 1] })] })
    expect(await list()).toMatchObject([
      {
        job: { uid: 'job-1', name: 'llama' },
        title: 'NaN',
        text: 'loss is NaN.',
        level: 'error',
        step: 1,
        rule: { id: rule.id, name: 'NaN' },
        series: { source: 'job', key: 'loss' },
        status: 'raised',
        changedBy: null,
      },
    ])
    await test.report('job-1', { points: [pointsOf({ loss: [Number.NaN] }, { first: 3 })] })
    expect(await list()).toHaveLength(1)
    await test.report('job-1', { points: [pointsOf({ loss: Array.from({ length: 20 }, () => 0.5) }, { first: 4 })] })
    expect(await list()).toMatchObject([{ status: 'resolved', changedBy: null }])
  })

  it('is known to the page of the job, and to the stream', async () => {
    await write(nanRule)
    await test.put('job-1')
    const heard = hear(({ status }) => status === 'raised')
    await test.report('job-1', { points: [pointsOf({ loss: [Number.NaN] })] })
    expect((await heard).text).toBe('loss is NaN.')
    const job = await test.storage.call('jobs.get', { uid: 'job-1' })
    expect(job.alerts).toMatchObject([{ title: 'NaN', status: 'raised' }])
  })

  it('looks at its project only, and at nothing that is older than itself', async () => {
    await test.put('old', { project: 'a' })
    await test.report('old', { points: [pointsOf({ loss: [Number.NaN] }, { time: Date.now() - 60_000 })] })
    await write({ ...nanRule, scope: { kind: 'project', project: 'a' } })
    await test.put('other', { project: 'b' })
    await test.report('other', { points: [pointsOf({ loss: [Number.NaN] })] })
    await test.report('old', { points: [pointsOf({ loss: [Number.NaN] }, { first: 1, time: Date.now() - 50_000 })] })
    expect(await list()).toEqual([])
    await test.report('old', { points: [pointsOf({ loss: [Number.NaN] }, { first: 2, time: Date.now() + 10 })] })
    expect(await list()).toMatchObject([{ job: { uid: 'old' } }])
  })

  it('holds for as long as it says before it raises, by the times of the points', async () => {
    await write({
      name: 'GPU idle',
      condition: { kind: 'threshold', key: 'utilization', source: 'gpu:*', is: 'below', value: 10, forMs: 60_000 },
    })
    await test.put('job-1')
    const time = Date.now() - 30_000
    const send = (values: number[], first: number) =>
      test.report('job-1', {
        points: [pointsOf({ utilization: values }, { source: 'gpu:h/0', first, time: time + first * 1_000 })],
      })
    await send(
      Array.from({ length: 50 }, () => 3),
      0,
    )
    expect(await list()).toEqual([])
    await send(
      Array.from({ length: 50 }, () => 3),
      50,
    )
    expect(await list()).toMatchObject([{ series: { source: 'gpu:h/0', key: 'utilization' }, status: 'raised' }])
  })

  it('a report that comes again raises nothing again', async () => {
    await write(nanRule)
    await test.put('job-1')
    const report = { number: 1, points: [pointsOf({ loss: [Number.NaN] })] }
    await test.report('job-1', report)
    expect(await test.report('job-1', report)).toMatchObject({ repeated: true })
    expect(await list()).toHaveLength(1)
  })

  it('goes on after a restart where it was: an open alert is not raised anew, and is resolved in the end', async () => {
    await write(nanRule)
    await test.put('job-1')
    await test.report('job-1', { points: [pointsOf({ loss: [Number.NaN] })] })
    await test.reopen()
    await test.report('job-1', { points: [pointsOf({ loss: [Number.NaN] }, { first: 1 })] })
    expect(await list()).toHaveLength(1)
    await test.report('job-1', { points: [pointsOf({ loss: Array.from({ length: 20 }, () => 1) }, { first: 2 })] })
    expect(await list()).toMatchObject([{ status: 'resolved' }])
  })

  it('tells each epoch that is completed as a moment that needs nobody', async () => {
    await write({ name: 'Epoch', condition: { kind: 'epoch', every: 1 }, level: 'info' })
    await test.put('job-1')
    const block = { ...pointsOf({ loss: [1, 1, 1, 1] }), epochs: [0.5, 0.9, 1.1, 2.3] }
    await test.report('job-1', { points: [block] })
    expect(await list()).toMatchObject([{ text: 'Epoch 2 is reached.', status: 'resolved', value: 2 }])
  })
})

describe('a rule on the state of a job', () => {
  it('tells a failure once with its error, and resolves it when the job runs again', async () => {
    await write(failRule)
    await test.put('job-1')
    await test.report('job-1', { points: [pointsOf({ loss: [1] })] })
    const raised = hear(({ status }) => status === 'raised')
    await test.report('job-1', end('failed', 'CUDA out of memory'))
    expect(await raised).toMatchObject({ title: 'Failed', text: 'CUDA out of memory', series: null })
    const resolved = hear(({ status }) => status === 'resolved')
    await test.put('job-1', { attempt: { claim: 'second' } })
    await test.report('job-1', { attempt: 2, points: [pointsOf({ loss: [1] }, { first: 1 })] })
    expect(await resolved).toMatchObject({ title: 'Failed' })
    expect(await list()).toHaveLength(1)
  })

  it('tells after a restart what happened while nobody looked', async () => {
    await write(failRule)
    await test.put('job-1')
    await test.report('job-1', { points: [pointsOf({ loss: [1] })] })
    await test.report('job-1', end('failed'))
    await test.reopen()
    const known = await list()
    if (known.length === 0) await hear(({ title }) => title === 'Failed')
    expect(await list()).toHaveLength(1)
  })
})

describe('people', () => {
  beforeEach(async () => {
    await write(nanRule)
    await test.put('job-1')
    await test.report('job-1', { points: [pointsOf({ loss: [Number.NaN], 'val/loss': [Number.NaN] })] })
  })

  it('acknowledge, resolve, and take it back', async () => {
    const [second, first] = (await list()).map(({ id }) => id)
    if (first === undefined || second === undefined) throw new Error('Two alerts were raised.')
    expect(await edit([first], 'acknowledged')).toMatchObject({
      alerts: [{ id: first, status: 'acknowledged', changedBy: 'anna' }],
      open: { raised: 1, acknowledged: 1 },
    })
    expect(await edit([first, second], 'resolved')).toMatchObject({ open: { raised: 0, acknowledged: 0 } })
    expect(await edit([second], 'raised')).toMatchObject({ open: { raised: 1, acknowledged: 0 } })
  })

  it('who has resolved one is not told of it again at the next point', async () => {
    await edit(
      (await list()).map(({ id }) => id),
      'resolved',
    )
    await test.report('job-1', { points: [pointsOf({ loss: [Number.NaN] }, { first: 1 })] })
    expect(await list({ status: ['raised'] })).toEqual([])
  })

  it('what ended by itself cannot be raised by hand', async () => {
    await test.report('job-1', { points: [pointsOf({ loss: Array.from({ length: 20 }, () => 1) }, { first: 1 })] })
    const over = (await list({ status: ['resolved'] })).map(({ id }) => id)
    expect(over).toHaveLength(1)
    expect(await edit(over, 'raised')).toMatchObject({ alerts: [{ status: 'resolved' }] })
  })

  it('a rule that looks at something else, or is gone, leaves no open alert', async () => {
    const { rules } = await test.storage.call('alert-rules.list', null)
    expect(rules).toMatchObject([{ name: 'NaN', open: 2 }])
    const editor = { memberId: test.admin.memberId, all: false }
    const id = rules[0]?.id ?? 0
    const body = alertRuleInput.parse({ ...nanRule, name: 'Renamed' })
    expect(await test.storage.call('alert-rules.replace', { id, body, editor })).toMatchObject({ open: 2 })
    const other = alertRuleInput.parse({ ...nanRule, condition: { kind: 'non-finite', key: 'x' } })
    expect(await test.storage.call('alert-rules.replace', { id, body: other, editor })).toMatchObject({ open: 0 })
    await test.storage.call('alert-rules.delete', { id, editor })
    expect((await list()).map(({ status, rule }) => [status, rule?.name])).toEqual([
      ['resolved', 'NaN'],
      ['resolved', 'NaN'],
    ])
  })

  it('change rules of their own; an admin changes any', async () => {
    const { id } = await write({ ...nanRule, name: 'of admin' })
    const call = (editor: { memberId: number; all: boolean }) => test.storage.call('alert-rules.delete', { id, editor })
    await expect(call({ memberId: 99, all: false })).rejects.toMatchObject({ code: 'forbidden' })
    expect(await call({ memberId: 99, all: true })).toBeNull()
  })
})
