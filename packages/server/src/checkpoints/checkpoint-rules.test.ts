import {
  type Checkpoint,
  type CheckpointPolicy,
  type SteeringChange,
  commandKinds,
  steeringEvent,
} from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { z } from 'zod'
import { type TestStorage, openTestStorage, pointsOf, waitForUpdate } from '../storage/test-storage.ts'

let store: TestStorage
beforeAll(async () => void (store = await openTestStorage()))
afterAll(() => store.close())

it('rules are tried, set by whoever saw those that stood, and told to whoever watches', async () => {
  await begin('rules-1')
  for (const step of [1, 2, 3]) await write('rules-1', step)
  const tried = await set('rules-1', { last: 1 }, { dryRun: true })
  expect(tried.decisions.map(({ name, keep, bytes }) => [name, keep, bytes])).toEqual([
    ['step-3', true, 30],
    ['step-2', false, 20],
    ['step-1', false, 10],
  ])
  expect((await list('rules-1')).map(({ state }) => state)).toEqual(['present', 'present', 'present'])

  store.storage.watch(['steering:rules-1'])
  const told = waitForUpdate(store.storage, ({ topic, data }) => {
    const { parts } = data as SteeringChange // this topic carries nothing else
    return topic === 'steering:rules-1' && parts.includes('checkpoints') ? parts : undefined
  })
  // Nothing goes by these: only the rules are other than before.
  await set('rules-1', { last: 9 }, { seen: null })
  await told
  await expect(set('rules-1', { last: 1 }, { seen: null })).rejects.toMatchObject({ code: 'conflict' })
  await expect(set('rules-1', null, { seen: { last: 8 } })).rejects.toMatchObject({ code: 'conflict' })
  expect((await list('rules-1')).map(({ state }) => state)).toEqual(['present', 'present', 'present'])
  await set('rules-1', { last: 1 }, { seen: { last: 9 } })
  expect((await list('rules-1')).map(({ state }) => state)).toEqual(['present', 'deleting', 'deleting'])
})

it('what rules have deleted and somebody has brought back is as it was', async () => {
  await begin('rules-2')
  for (const step of [1, 2]) await write('rules-2', step)
  await set('rules-2', { last: 1 })
  const [, old] = await list('rules-2')
  expect(old).toMatchObject({ state: 'deleting', stateReason: 'By the rules of this job.' })
  const input = { uid: 'rules-2', id: old?.id ?? 0, actor: store.admin }
  expect(await store.storage.call('checkpoints.restore', input)).toMatchObject({ state: 'present', stateReason: null })
})

it('advice to pin a checkpoint says which one', async () => {
  await begin('rules-3')
  await store.report('rules-3', { points: [pointsOf({ loss: Array.from({ length: 60 }, () => 1) })] })
  await write('rules-3', 50)
  await store.report('rules-3', { points: [pointsOf({ loss: Array.from({ length: 20 }, () => 9) }, { first: 60 })] })
  const { recommendations } = await store.storage.call('checkpoints.advice', { uid: 'rules-3' })
  const [kept] = await list('rules-3')
  expect(recommendations).toMatchObject([{ kind: 'unstable', action: 'pin', checkpoint: kept?.id }])
})

async function begin(uid: string): Promise<void> {
  await store.put(uid)
  await steer(uid, { controls: { kinds: [...commandKinds] } })
}

async function write(uid: string, step: number): Promise<void> {
  const one = {
    name: `step-${step}`,
    kind: 'manual',
    at: Date.now(),
    step,
    uri: `/data/step-${step}`,
    host: 'n',
  } as const
  await steer(uid, { checkpoints: [{ ...one, bytes: step * 10, tookMs: 1 }] })
}

function steer(uid: string, steering: z.input<typeof steeringEvent>) {
  return store.report(uid, { steering: steeringEvent.parse(steering) })
}

function set(
  uid: string,
  policy: CheckpointPolicy | null,
  how: { seen?: CheckpointPolicy | null; dryRun?: boolean } = {},
) {
  return store.storage.call('checkpoints.set-policy', { uid, policy, dryRun: false, actor: store.admin, ...how })
}

async function list(uid: string): Promise<Checkpoint[]> {
  return (await store.storage.call('checkpoints.list', { uid })).checkpoints
}
