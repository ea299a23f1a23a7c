import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import {
  type Command,
  type JobState,
  type ParameterSet,
  type SteeringChange,
  commandKinds,
  changeQuery,
  commandQuery,
  scheduleCreate,
  steeringEvent,
} from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { z } from 'zod'
import type { Actor } from '../storage/operation.ts'
import { type TestStorage, openTestStorage, pointsOf, waitForUpdate } from '../storage/test-storage.ts'
import { whyRefused } from './why-refused.ts'

let store: TestStorage
beforeAll(async () => void (store = await openTestStorage()))
afterAll(() => store.close())

type Steering = z.input<typeof steeringEvent>
const lr = { key: 'lr', type: 'number', min: 1e-6, max: 1, log: true, value: 0.1 } as const
const controls: Steering['controls'] = { kinds: [...commandKinds], parameters: [lr] }
const stranger: Actor = { memberId: 78, all: false, jobUid: null }

it('a command is created, delivered when the job says that it has it, and applied at the step that it names', async () => {
  await begin('walk-1')
  const command = await set('walk-1', { value: 0.01, note: 'too fast' })
  expect(command).toMatchObject({ kind: 'set', state: 'created', attempt: 1, note: 'too fast', by: { name: 'admin' } })
  const first = await take('walk-1')
  expect(first).toMatchObject({ isOver: false, commands: [{ id: command.id, body: { key: 'lr', value: 0.01 } }] })
  // The answer may have been lost: it is told again until the job says that it has it.
  expect((await take('walk-1')).commands).toHaveLength(1)
  expect((await find('walk-1', command.id)).state).toBe('created')
  expect((await take('walk-1', { after: command.id })).commands).toEqual([])
  expect(await find('walk-1', command.id)).toMatchObject({ state: 'delivered', deliveredAt: expect.any(Number) })
  expect(await parameter('walk-1')).toMatchObject({ value: 0.1, pending: { command: command.id, value: 0.01 } })
  await steer('walk-1', {
    changes: [{ key: 'lr', value: 0.01, at: Date.now(), step: 41, epoch: 0.5, cause: 'command', command: command.id }],
    outcomes: [{ id: command.id, state: 'applied', at: Date.now(), step: 41 }],
  })
  expect(await find('walk-1', command.id)).toMatchObject({ state: 'applied', step: 41, reason: null })
  expect(await parameter('walk-1')).toMatchObject({ value: 0.01, pending: null })
  const { changes, total } = await listChanges('walk-1')
  expect(total).toBe(2)
  expect(changes[0]).toMatchObject({
    old: 0.1,
    value: 0.01,
    step: 41,
    epoch: 0.5,
    by: { name: 'admin' },
    note: 'too fast',
  })
  expect(changes[1]).toMatchObject({ old: null, value: 0.1, cause: 'script', by: null })
})

it('a value that the job does not take is refused with what it would', async () => {
  await begin('walk-2')
  await expect(set('walk-2', { value: 2 })).rejects.toMatchObject({
    code: 'invalid',
    field: 'value',
    expected: 'a number from 0.000001 to 1',
  })
  await expect(set('walk-2', { value: true })).rejects.toMatchObject({ code: 'invalid' })
  await expect(set('walk-2', { value: '0.1' })).rejects.toMatchObject({ code: 'invalid' })
  const unknown = { uid: 'walk-2', key: 'momentum', value: 1, actor: store.admin }
  await expect(store.storage.call('parameters.set', unknown)).rejects.toMatchObject({
    code: 'notFound',
    expected: 'one of lr',
  })
  expect((await list('walk-2')).total).toBe(0)
})

it('of two people at once the second gets a conflict that shows the change of the first', async () => {
  await begin('walk-3')
  const { revision } = await parameter('walk-3')
  const first = await set('walk-3', { value: 0.2, revision })
  await expect(set('walk-3', { value: 0.3, revision })).rejects.toMatchObject({
    code: 'conflict',
    message: `«lr» has changed since you looked: admin is changing it to 0.2 (command ${first.id}).`,
  })
  const seen = await parameter('walk-3')
  expect((await set('walk-3', { value: 0.3, revision: seen.revision })).state).toBe('created')
  await steer('walk-3', {
    changes: [{ key: 'lr', value: 0.3, at: Date.now(), step: 2, cause: 'command', command: first.id + 1 }],
    outcomes: [
      { id: first.id, state: 'superseded', at: Date.now(), step: 2, reason: 'A later one sets it.' },
      { id: first.id + 1, state: 'applied', at: Date.now(), step: 2 },
    ],
  })
  expect((await list('walk-3')).commands.map(({ state }) => state)).toEqual(['applied', 'superseded'])
  await expect(set('walk-3', { value: 0.4, revision: seen.revision })).rejects.toMatchObject({
    code: 'conflict',
    message: '«lr» has changed since you looked: it is 0.3 now.',
  })
})

it('a job that has not said what it can be told, or has ended, is told nothing', async () => {
  await store.put('walk-4')
  await expect(set('walk-4', { value: 0.2 })).rejects.toMatchObject({ code: 'conflict' })
  await steer('walk-4', { controls: { kinds: ['set'], parameters: [lr] } })
  await expect(pause('walk-4')).rejects.toMatchObject({
    code: 'conflict',
    message: 'This script cannot pause: it has not declared that it can.',
  })
  await store.report('walk-4', { state: { state: 'completed', at: Date.now() } })
  await expect(set('walk-4', { value: 0.2 })).rejects.toMatchObject({ code: 'conflict' })
  expect((await store.storage.call('parameters.list', { uid: 'walk-4' })).refusal).toContain('has ended')
  const states: JobState[] = ['queued', 'submitting', 'pending', 'completed', 'failed', 'cancelled', 'lost']
  for (const state of states)
    expect(whyRefused({ state, controls: { kinds: [...commandKinds] } }, 'set')).not.toBeNull()
})

it('a job of somebody else is told nothing, and is not found', async () => {
  await begin('walk-5')
  await expect(pause('walk-5', stranger)).rejects.toMatchObject({ code: 'notFound' })
  const asked = { uid: 'walk-5', attempt: 1, after: 0, actor: stranger }
  await expect(store.storage.call('commands.take', asked)).rejects.toMatchObject({ code: 'notFound' })
})

it('what nobody will carry out any more expires and says why; what is told late is true all the same', async () => {
  await begin('walk-6')
  const lost = await set('walk-6', { value: 0.2 })
  const had = await pause('walk-6')
  await take('walk-6', { after: had.id })
  await store.report('walk-6', { state: { state: 'failed', at: Date.now(), error: { type: 'E', message: 'x' } } })
  await expect.poll(async () => (await find('walk-6', lost.id)).state, { timeout: 10_000 }).toBe('expired')
  expect((await find('walk-6', had.id)).reason).toBe(
    'The job has ended (failed). The job had it, and never told what came of it.',
  )
  await steer('walk-6', { outcomes: [{ id: lost.id, state: 'applied', at: Date.now(), step: 9 }] })
  expect(await find('walk-6', lost.id)).toMatchObject({ state: 'applied', step: 9 })
  // What is over stays as it is.
  await steer('walk-6', { outcomes: [{ id: lost.id, state: 'failed', at: Date.now(), reason: 'no' }] })
  expect((await find('walk-6', lost.id)).state).toBe('applied')
})

it('a command for an earlier attempt expires, and a value that somebody set stands in the next one', async () => {
  await begin('walk-7')
  const command = await set('walk-7', { value: 0.5 })
  await steer('walk-7', {
    changes: [{ key: 'lr', value: 0.5, at: Date.now(), step: 3, cause: 'command', command: command.id }],
    outcomes: [{ id: command.id, state: 'applied', at: Date.now(), step: 3 }],
  })
  const waiting = await pause('walk-7')
  await store.put('walk-7', { attempt: { claim: 'second' } })
  await expect.poll(async () => (await find('walk-7', waiting.id)).state, { timeout: 10_000 }).toBe('expired')
  expect((await find('walk-7', waiting.id)).reason).toContain('attempt 2 has begun')
  expect((await take('walk-7')).isOver).toBe(true)
  await steer('walk-7', { controls }, 2)
  const { commands } = await take('walk-7', { attempt: 2 })
  expect(commands).toMatchObject([{ kind: 'set', body: { key: 'lr', value: 0.5 } }])
  expect(await parameter('walk-7')).toMatchObject({ value: 0.1, pending: { value: 0.5, by: null } })
  // Also in the one after that, when this one ends before it was set.
  await store.put('walk-7', { attempt: { claim: 'third' } })
  await steer('walk-7', { controls }, 3)
  expect((await take('walk-7', { attempt: 3 })).commands).toMatchObject([{ kind: 'set', body: { value: 0.5 } }])
})

it('a value that the script itself chose last does not stand over a restart', async () => {
  await begin('walk-8')
  await steer('walk-8', { changes: [{ key: 'lr', value: 0.5, at: Date.now(), cause: 'script' }] })
  await store.put('walk-8', { attempt: { claim: 'second' } })
  await steer('walk-8', { controls }, 2)
  expect((await take('walk-8', { attempt: 2 })).commands).toEqual([])
  expect((await listChanges('walk-8')).changes.map(({ value }) => value)).toEqual([0.1, 0.5, 0.1])
})

it('after a fork points belong to a new branch, which begins on the branch of its checkpoint', async () => {
  await begin('walk-9')
  await store.report('walk-9', { points: [pointsOf({ loss: [9, 8, 7, 6] }, { first: 0 })] })
  const made = { name: 'two', kind: 'manual', step: 1, uri: '/c/two', host: 'n', bytes: 5, tookMs: 3 } as const
  await steer('walk-9', { checkpoints: [{ ...made, epoch: 0.25, at: Date.now() }] })
  const fork = { at: Date.now(), step: 1, from: 3, checkpoint: 'two' }
  await store.report('walk-9', {
    steering: steeringEvent.parse({ fork }),
    points: [pointsOf({ loss: [5, 4] }, { first: 2 })],
  })
  await store.report('walk-9', { points: [pointsOf({ loss: [3] }, { first: 4 })] })
  await steer('walk-9', { fork })
  const job = await store.storage.call('jobs.get', { uid: 'walk-9' })
  expect(job.branches.map(({ number, parent, forkStep, forkEpoch }) => [number, parent, forkStep, forkEpoch])).toEqual([
    [0, null, null, null],
    [1, 0, 1, 0.25],
    [2, 0, 1, 0.25],
  ])
  const { series } = await store.query('walk-9', { branch: 1 })
  expect(series.map(({ last }) => Array.from(last))).toEqual([[9, 8, 5, 4, 3]])
  expect((await store.query('walk-9', { branch: 0 })).series.map(({ last }) => Array.from(last))).toEqual([
    [9, 8, 7, 6],
  ])
})

it('a checkpoint is listed, described, pinned, deleted, brought back, and written on', async () => {
  await begin('walk-10')
  const asked = await store.storage.call('checkpoints.create', {
    uid: 'walk-10',
    actor: store.admin,
    name: 'before',
    description: 'before the change',
    tags: ['good'],
  })
  const event = {
    name: 'before',
    kind: 'manual',
    at: Date.now(),
    step: 7,
    uri: '/c/before',
    host: 'n',
    tookMs: 9,
  } as const
  await steer('walk-10', { checkpoints: [{ ...event, bytes: 12, metrics: { loss: 'NaN' }, command: asked.id }] })
  const { checkpoints, bytes } = await store.storage.call('checkpoints.list', { uid: 'walk-10' })
  expect(bytes).toBe(12)
  const [one] = checkpoints
  expect(one).toMatchObject({ step: 7, description: 'before the change', tags: ['good'], metrics: { loss: 'NaN' } })
  expect(one).toMatchObject({ by: { name: 'admin' }, pinned: false, state: 'present', notes: 0 })
  const id = one?.id ?? 0
  const mine = { uid: 'walk-10', id, actor: store.admin }
  await store.storage.call('checkpoints.edit', { ...mine, patch: { pinned: true } })
  await expect(store.storage.call('checkpoints.delete', { ...mine, now: false })).rejects.toMatchObject({
    code: 'conflict',
  })
  await store.storage.call('checkpoints.edit', { ...mine, patch: { pinned: false } })
  expect(await store.storage.call('checkpoints.delete', { ...mine, now: false })).toMatchObject({ state: 'deleting' })
  await expect(rollBack('walk-10', id)).rejects.toMatchObject({ code: 'conflict' })
  expect(await store.storage.call('checkpoints.restore', mine)).toMatchObject({ state: 'present' })
  const note = { text: 'look here', subject: { kind: 'checkpoint', id } } as const
  const written = await store.storage.call('notes.create', { uid: 'walk-10', actor: store.admin, ...note })
  expect(written.subject).toEqual({ kind: 'checkpoint', id, name: 'before', step: 7 })
  expect((await store.storage.call('checkpoints.list', { uid: 'walk-10' })).checkpoints[0]?.notes).toBe(1)
  expect(await rollBack('walk-10', id)).toMatchObject({ kind: 'rollback', body: { step: 7, checkpointFirst: true } })
  await steer('walk-10', { fates: [{ name: 'before', state: 'missing', at: 0, reason: 'It is not there.' }] })
  await expect(rollBack('walk-10', id)).rejects.toMatchObject({ code: 'conflict', hint: 'It is not there.' })
})

it('files of a job that has ended go when nobody has undone it, and only those that it has written', async () => {
  const folder = join(store.folder, 'files')
  await mkdir(folder)
  await begin('walk-13')
  const place = (name: string) => ({ name, kind: 'manual', at: Date.now(), step: 1, uri: join(folder, name) }) as const
  const names = ['mine', 'foreign', 'gone', 'elsewhere', 'linked']
  for (const name of names) {
    const host = name === 'elsewhere' ? 'another-host' : hostname()
    await steer('walk-13', { checkpoints: [{ ...place(name), host, bytes: 1, tookMs: 1 }] })
    const record = { version: 1, uid: name === 'foreign' ? 'walk-99' : 'walk-13', name }
    if (name === 'gone') continue
    await writeFile(join(folder, `${name}.pilothouse.json`), JSON.stringify(record))
    await (name === 'linked' ? symlink('/etc/hostname', join(folder, name)) : writeFile(join(folder, name), 'x'))
  }
  await store.report('walk-13', { state: { state: 'completed', at: Date.now() } })
  const list = async () => (await store.storage.call('checkpoints.list', { uid: 'walk-13' })).checkpoints
  for (const { id } of await list())
    await store.storage.call('checkpoints.delete', { uid: 'walk-13', id, actor: store.admin, now: true })
  const states = async () => Object.fromEntries((await list()).map(({ name, state }) => [name, state]))
  await expect
    .poll(states, { timeout: 30_000 })
    .toEqual({ foreign: 'present', gone: 'missing', elsewhere: 'present', linked: 'present' })
  const found = (await readdir(folder)).filter((name) => !name.endsWith('.json'))
  expect(found.toSorted()).toEqual(['elsewhere', 'foreign', 'linked'])
  const [first] = (await list()).filter(({ name }) => name === 'elsewhere')
  expect(first?.stateReason).toContain('It lies on another-host')
})

it('whoever watches hears which lists are other than before, also when nothing else happens', async () => {
  await begin('walk-11')
  store.storage.watch(['steering:walk-11'])
  const hear = async (part: SteeringChange['parts'][number]): Promise<SteeringChange> =>
    waitForUpdate(store.storage, ({ topic, data }) => {
      const change = data as SteeringChange // this topic carries nothing else
      return topic === 'steering:walk-11' && change.parts.includes(part) ? change : undefined
    })
  const first = hear('parameters')
  await set('walk-11', { value: 0.2 })
  expect(await first).toBeDefined()
  // Only this tells of schedules, and it changes nothing else of the job.
  const second = hear('schedules')
  const schedule = scheduleCreate.parse({ schedule: { key: 'lr', shape: { kind: 'set', to: 0.3 } } })
  await store.storage.call('schedules.create', { uid: 'walk-11', actor: store.admin, ...schedule })
  expect((await second).parts).toContain('commands')
})

it('a full list of commands, and clocks beyond all reason, hold up no report', async () => {
  await begin('walk-14')
  const set14 = await set('walk-14', { value: 0.5 })
  await steer('walk-14', {
    changes: [{ key: 'lr', value: 0.5, at: -1e300, cause: 'command', command: set14.id }],
    outcomes: [{ id: set14.id, state: 'applied', at: -1e300 }],
    checkpoints: [{ name: 'odd', kind: 'manual', at: 1e300, step: 1, uri: '/odd', host: 'n', bytes: 1, tookMs: 1 }],
  })
  for (let count = 0; count < 100; count += 1) await pause('walk-14')
  await store.put('walk-14', { attempt: { claim: 'walk-14/second' } })
  await steer('walk-14', { controls }, 2)
  expect((await take('walk-14', { attempt: 2 })).commands).toMatchObject([{ kind: 'set', body: { value: 0.5 } }])
})

it('no more than a hundred commands wait for a job', async () => {
  await begin('walk-12')
  for (let count = 0; count < 100; count += 1) await pause('walk-12')
  await expect(pause('walk-12')).rejects.toMatchObject({ code: 'conflict' })
  const page = await store.storage.call('commands.list', { uid: 'walk-12', query: commandQuery.parse({ limit: 30 }) })
  expect(page).toMatchObject({ total: 100, next: expect.any(Number) })
  expect(page.commands).toHaveLength(30)
})

async function begin(uid: string): Promise<void> {
  await store.put(uid, { attempt: { claim: `${uid}/first` } })
  await steer(uid, { controls })
}

function steer(uid: string, steering: Steering, attempt = 1) {
  return store.report(uid, { steering: steeringEvent.parse(steering), attempt })
}

async function set(uid: string, { value, ...rest }: ParameterSet): Promise<Command> {
  const answer = await store.storage.call('parameters.set', { uid, key: 'lr', value, actor: store.admin, ...rest })
  if ('proposals' in answer) throw new Error(answer.message)
  return answer
}

function pause(uid: string, actor = store.admin): Promise<Command> {
  return store.storage.call('commands.order', { uid, actor, order: { kind: 'pause', body: {} } })
}

function rollBack(uid: string, id: number): Promise<Command> {
  const how = { checkpointFirst: true, keepParameters: false }
  return store.storage.call('checkpoints.rollback', { uid, id, actor: store.admin, ...how })
}

function take(uid: string, { attempt = 1, after = 0 } = {}) {
  return store.storage.call('commands.take', { uid, attempt, after, actor: store.admin })
}

function list(uid: string) {
  return store.storage.call('commands.list', { uid, query: commandQuery.parse({}) })
}

function listChanges(uid: string) {
  return store.storage.call('parameters.changes', { uid, query: changeQuery.parse({}) })
}

async function find(uid: string, id: number): Promise<Command> {
  const command = (await list(uid)).commands.find((one) => one.id === id)
  if (!command) throw new Error(`no command ${id}`)
  return command
}

async function parameter(uid: string) {
  const [first] = (await store.storage.call('parameters.list', { uid })).parameters
  if (!first) throw new Error('no parameter')
  return first
}
