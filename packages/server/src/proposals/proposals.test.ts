import {
  type Approval,
  type Command,
  type Proposal,
  type Proposed,
  type SteeringChange,
  changeQuery,
  commandKinds,
  commandQuery,
  limits,
  scheduleCreate,
  steeringEvent,
} from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { z } from 'zod'
import type { Actor } from '../storage/operation.ts'
import { type TestStorage, openTestStorage, waitForUpdate } from '../storage/test-storage.ts'

let store: TestStorage
beforeAll(async () => {
  store = await openTestStorage()
  await require({ all: false, projects: ['careful'] })
})
afterAll(() => store.close())

const lr = { key: 'lr', type: 'number', min: 1e-6, max: 1, log: true, value: 0.1 } as const
const clip = { key: 'clip', type: 'number', value: 1 } as const
const controls = { kinds: [...commandKinds], parameters: [lr, clip] }
const ada: Actor = { memberId: 78, all: false, jobUid: null }

it('a change by a member waits for an admin, and tells the job nothing until it is approved', async () => {
  await begin('ask-1')
  const { proposals, message } = await propose('ask-1', { value: 0.01, note: 'too fast' })
  expect(message).toBe('Proposed, and nothing is changed yet: in the project «careful» an admin has to approve it.')
  const [one] = proposals
  expect(one).toMatchObject({
    kind: 'set',
    key: 'lr',
    value: 0.01,
    old: 0.1,
    state: 'open',
    by: { id: 78 },
    attempt: 1,
  })
  expect(one).toMatchObject({ note: 'too fast', decidedAt: null, decidedBy: null, command: null })
  expect(await parameter('ask-1')).toMatchObject({ value: 0.1, pending: null })
  expect(await commands('ask-1')).toEqual([])

  const command = await approve('ask-1', idOf(one))
  const admin = { id: store.admin.memberId, name: 'admin' }
  expect(command).toMatchObject({ kind: 'set', body: { key: 'lr', value: 0.01 }, state: 'created', note: 'too fast' })
  expect(command).toMatchObject({ by: { id: 78 }, approvedBy: admin })
  expect(await find('ask-1', idOf(one))).toMatchObject({ state: 'approved', decidedBy: admin, command: command.id })
  await carryOut('ask-1', command)
  const { changes } = await store.storage.call('parameters.changes', { uid: 'ask-1', query: changeQuery.parse({}) })
  expect(changes[0]).toMatchObject({ old: 0.1, value: 0.01, by: { id: 78 }, approvedBy: admin, note: 'too fast' })
})

it('an admin changes directly, and so do members where nobody asked for approval', async () => {
  await begin('ask-2')
  expect(await set('ask-2', { value: 0.2 }, store.admin)).toMatchObject({ state: 'created', approvedBy: null })
  await begin('ask-3', 'free')
  expect(await set('ask-3', { value: 0.2 })).toMatchObject({ state: 'created', by: { id: 78 }, approvedBy: null })
  const asked = async (uid: string) => (await store.storage.call('parameters.list', { uid })).needsApproval
  expect([await asked('ask-2'), await asked('ask-3')]).toEqual([true, false])
  await require({ all: true, projects: [] })
  expect(await asked('ask-3')).toBe(true)
  expect(await set('ask-3', { value: 0.3 })).toHaveProperty('proposals')
  await require({ all: false, projects: ['careful', 'careful'] })
  expect(await store.storage.call('approval.get', null)).toEqual({ all: false, projects: ['careful'] })
})

it('a member does not move a job to where nobody is asked', async () => {
  await begin('ask-move')
  const move = (project: string, actor = ada) =>
    store.storage.call('jobs.edit', { uid: 'ask-move', patch: { project }, actor })
  await expect(move('free')).rejects.toMatchObject({ code: 'forbidden', field: 'project' })
  expect(await move('careful')).toMatchObject({ project: 'careful' })
  await require({ all: false, projects: ['careful', 'other'] })
  expect(await move('other')).toMatchObject({ project: 'other' })
  expect(await move('free', store.admin)).toMatchObject({ project: 'free' })
  expect(await move('careful')).toMatchObject({ project: 'careful' })
  await require({ all: false, projects: ['careful'] })
})

it('what could not be changed cannot be proposed either, and says the same', async () => {
  await begin('ask-4')
  await expect(set('ask-4', { value: 2 })).rejects.toMatchObject({ code: 'invalid', field: 'value' })
  await expect(set('ask-4', { value: 0.2, key: 'momentum' })).rejects.toMatchObject({ code: 'notFound' })
  const { revision } = await parameter('ask-4')
  await expect(set('ask-4', { value: 0.2, revision: revision + 1 })).rejects.toMatchObject({ code: 'conflict' })
  await expect(set('ask-4', { value: 0.2 }, { ...ada, memberId: 79 })).rejects.toMatchObject({ code: 'notFound' })
  await steer('ask-4', { controls: { ...controls, kinds: ['pause'] } })
  await expect(set('ask-4', { value: 0.2 })).rejects.toMatchObject({ code: 'conflict' })
  expect(await list('ask-4')).toEqual([])
})

it('of two admins at once one approves, and the other is told who did', async () => {
  await begin('ask-5')
  const id = await open('ask-5', { value: 0.2 })
  const both = await Promise.allSettled([approve('ask-5', id), approve('ask-5', id), decline('ask-5', id)])
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const [command = { id: 0 }] = await commands('ask-5')
  expect(both.filter(({ status }) => status === 'rejected')).toMatchObject(
    Array.from({ length: 2 }, () => ({
      reason: {
        code: 'conflict',
        message: `Proposal ${id} is decided already: admin approved it, and it became command ${command.id}.`,
      },
    })),
  )
  expect(await commands('ask-5')).toHaveLength(1)
})

it('a member takes back what is under approval: whoever comes first has decided it', async () => {
  await begin('ask-6')
  const first = await open('ask-6', { value: 0.2 })
  const [withdrawn, approved] = await Promise.allSettled([withdraw('ask-6', first), approve('ask-6', first)])
  expect(withdrawn).toMatchObject({ status: 'fulfilled', value: { state: 'withdrawn', decidedBy: { id: 78 } } })
  expect(approved).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } })
  expect(await commands('ask-6')).toEqual([])
  const second = await open('ask-6', { value: 0.3 })
  const [given, late] = await Promise.allSettled([approve('ask-6', second), withdraw('ask-6', second)])
  expect(given).toMatchObject({ status: 'fulfilled', value: { state: 'created' } })
  expect(late).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } })
  expect(await find('ask-6', second)).toMatchObject({ state: 'approved' })
})

it('nobody takes back what somebody else proposed', async () => {
  await begin('ask-7')
  const id = await open('ask-7', { value: 0.2 })
  const asked = { uid: 'ask-7', id, actor: store.admin }
  await expect(store.storage.call('proposals.withdraw', asked)).rejects.toMatchObject({
    code: 'notFound',
    message: `This job has no proposal ${id} of yours.`,
  })
  await begin('ask-8')
  const elsewhere = { uid: 'ask-8', id, actor: store.admin }
  await expect(store.storage.call('proposals.approve', elsewhere)).rejects.toMatchObject({ code: 'notFound' })
})

it('what was declined says by whom and why, and stays so', async () => {
  await begin('ask-9')
  const id = await open('ask-9', { value: 0.2 })
  const declined = await decline('ask-9', id, 'Wait for the evaluation.')
  expect(declined).toMatchObject({
    state: 'declined',
    decidedBy: { name: 'admin' },
    reason: 'Wait for the evaluation.',
  })
  await expect(approve('ask-9', id)).rejects.toMatchObject({
    code: 'conflict',
    message: `Proposal ${id} is decided already: admin declined it.`,
  })
  expect(await commands('ask-9')).toEqual([])
})

it('a later proposal of the same person takes the place of the earlier one, and of nothing else', async () => {
  await begin('ask-10')
  const first = await open('ask-10', { value: 0.2 })
  const other = await open('ask-10', { value: 0.5, key: 'clip' })
  const second = await open('ask-10', { value: 0.3 })
  expect((await list('ask-10')).map(({ id, state }) => [id, state])).toEqual([
    [second, 'open'],
    [other, 'open'],
    [first, 'replaced'],
  ])
  await expect(approve('ask-10', first)).rejects.toMatchObject({
    message: expect.stringContaining('has proposed another change of this parameter since'),
  })
})

it('when the parameter has changed since, an admin sees what it is now and has to want it still', async () => {
  await begin('ask-11')
  const id = await open('ask-11', { value: 0.2 })
  const direct = await set('ask-11', { value: 0.5 }, store.admin)
  if ('proposals' in direct) throw new Error('An admin changes directly.')
  await expect(approve('ask-11', id)).rejects.toMatchObject({
    code: 'conflict',
    message: `«lr» has changed since this was proposed: admin is changing it to 0.5 (command ${direct.id}).`,
    field: 'revision',
  })
  await carryOut('ask-11', direct)
  const { revision, value } = await parameter('ask-11')
  expect(value).toBe(0.5)
  await expect(approve('ask-11', id)).rejects.toMatchObject({ message: expect.stringContaining('it is 0.5 now') })
  await expect(approve('ask-11', id, revision - 1)).rejects.toMatchObject({
    message: '«lr» has changed since you looked: it is 0.5 now.',
    expected: String(revision),
  })
  expect(await find('ask-11', id)).toMatchObject({ state: 'open' })
  expect(await approve('ask-11', id, revision)).toMatchObject({ body: { value: 0.2 } })
})

it('what the job would not take any more cannot be approved', async () => {
  await begin('ask-12')
  const id = await open('ask-12', { value: 0.9 })
  await steer('ask-12', { controls: { ...controls, parameters: [{ ...lr, max: 0.5 }] } })
  await expect(approve('ask-12', id)).rejects.toMatchObject({
    code: 'invalid',
    expected: expect.stringContaining('0.5'),
  })
  await steer('ask-12', { controls: { ...controls, kinds: ['pause'] } })
  await expect(approve('ask-12', id)).rejects.toMatchObject({ code: 'conflict' })
  expect(await find('ask-12', id)).toMatchObject({ state: 'open' })
})

it('a proposal for a training that is over expires, and approving it then does nothing', async () => {
  await begin('ask-13')
  const id = await open('ask-13', { value: 0.2 })
  await store.report('ask-13', { state: { state: 'completed', at: Date.now() } })
  await expect(approve('ask-13', id)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('The job has ended (completed)'),
  })
  await expect.poll(async () => (await find('ask-13', id)).state, { timeout: 10_000 }).toBe('expired')
  expect(await find('ask-13', id)).toMatchObject({ decidedBy: null, reason: 'The job has ended (completed).' })
  await expect(approve('ask-13', id)).rejects.toMatchObject({
    message: `Proposal ${id} is decided already: it expired. The job has ended (completed).`,
  })
  expect(await commands('ask-13')).toEqual([])

  await begin('ask-14')
  const earlier = await open('ask-14', { value: 0.2 })
  await store.put('ask-14', { project: 'careful', attempt: { claim: 'ask-14/second' } }, ada)
  await expect.poll(async () => (await find('ask-14', earlier)).state, { timeout: 10_000 }).toBe('expired')
  expect((await find('ask-14', earlier)).reason).toBe('It was for attempt 1, and attempt 2 has begun.')
})

it('a preset is proposed parameter by parameter, without those that have its values already', async () => {
  await begin('ask-15')
  const values = { lr: 0.3, clip: 1 }
  const { id } = await store.storage.call('presets.create', { actor: ada, name: 'calm', project: null, values })
  const asked = { uid: 'ask-15', presetId: id, actor: ada }
  expect(await store.storage.call('presets.apply', asked)).toMatchObject({
    proposals: [{ key: 'lr', value: 0.3, note: 'Preset «calm»', state: 'open' }],
  })
  expect(await commands('ask-15')).toEqual([])
  expect(await store.storage.call('presets.apply', { ...asked, actor: store.admin })).toMatchObject({
    commands: [{ body: { key: 'lr', value: 0.3 } }],
  })
})

it('a schedule is proposed, checked anew, and given to the training as its author’s', async () => {
  await begin('ask-16')
  const { schedule } = scheduleCreate.parse({
    schedule: { key: 'lr', shape: { kind: 'linear', to: 0.3, over: { steps: 100 } } },
  })
  const create = async (actor: Actor) =>
    store.storage.call('schedules.create', { uid: 'ask-16', actor, schedule, note: 'later' })
  const first = readProposed(await create(ada))
  expect(first.proposals).toMatchObject([{ kind: 'schedule', key: 'lr', schedule: { shape: { to: 0.3 } } }])
  const schedules = async () => (await store.storage.call('schedules.list', { uid: 'ask-16' })).schedules
  expect(await schedules()).toEqual([])
  await begin('ask-21')
  const copy = { uid: 'ask-21', schedule }
  const blocked = readProposed(await store.storage.call('schedules.create', { ...copy, actor: ada }))
  await store.storage.call('schedules.create', { ...copy, actor: store.admin })
  await expect(approve('ask-21', idOf(blocked.proposals[0]))).rejects.toMatchObject({ code: 'conflict' })
  const command = await approve('ask-16', idOf(first.proposals[0]))
  expect(command).toMatchObject({ kind: 'schedule', by: { id: 78 }, approvedBy: { name: 'admin' }, note: 'later' })
  expect(await schedules()).toMatchObject([{ id: command.id, by: { id: 78 }, note: 'later' }])
  await expect(create(ada)).rejects.toMatchObject({ code: 'conflict', field: 'schedule' })
})

it('what a schedule moves meanwhile stands in nobody’s way', async () => {
  await begin('ask-17')
  const moved = await store.storage.call('schedules.create', {
    uid: 'ask-17',
    actor: store.admin,
    ...scheduleCreate.parse({ schedule: { key: 'lr', shape: { kind: 'linear', to: 0.3, over: { steps: 100 } } } }),
  })
  if ('proposals' in moved) throw new Error('An admin changes directly.')
  const { schedule, state } = moved
  const id = await open('ask-17', { value: 0.2 })
  const at = Date.now()
  await steer('ask-17', {
    schedules: [{ id: moved.id, at, state: { ...state, phase: 'active', startStep: 1, from: 0.1 } }],
    changes: [{ key: schedule.key, value: 0.15, at, step: 20, cause: 'schedule', command: moved.id, isPassing: true }],
  })
  expect(await approve('ask-17', id)).toMatchObject({ body: { value: 0.2 } })
})

it('proposals, and where they are needed, stand over a restart', async () => {
  await begin('ask-18')
  const id = await open('ask-18', { value: 0.2 })
  await store.reopen()
  expect(await find('ask-18', id)).toMatchObject({ state: 'open', value: 0.2 })
  const again = await open('ask-18', { value: 0.3 })
  expect(await find('ask-18', id)).toMatchObject({ state: 'replaced' })
  expect(await approve('ask-18', again)).toMatchObject({ body: { value: 0.3 }, state: 'created' })
})

it('whoever watches hears of a proposal, and of its end', async () => {
  await begin('ask-19')
  store.storage.watch(['steering:ask-19'])
  const hear = async (part: SteeringChange['parts'][number]) =>
    waitForUpdate(store.storage, ({ topic, data }) => {
      const { parts } = data as SteeringChange // this topic carries nothing else
      return topic === 'steering:ask-19' && parts.includes(part) ? parts : undefined
    })
  const first = hear('proposals')
  const id = await open('ask-19', { value: 0.2 })
  expect(await first).toContain('proposals')
  const second = hear('proposals')
  await decline('ask-19', id)
  expect(await second).not.toContain('commands')
})

it('no more than a hundred wait for a job, and two hundred that are decided stay', async () => {
  await begin('ask-20')
  const parameters = Array.from({ length: limits.openProposalsMax + 1 }, (_, at) => ({ ...clip, key: `p${at}` }))
  await steer('ask-20', { controls: { ...controls, parameters } })
  for (const { key } of parameters.slice(1)) await open('ask-20', { key, value: 2 })
  await expect(set('ask-20', { key: 'p0', value: 2 })).rejects.toMatchObject({ code: 'conflict' })
  // In the place of one's own there is room.
  for (let round = 0; round <= limits.jobProposalsMax; round += 1) await open('ask-20', { key: 'p1', value: round })
  const proposals = await list('ask-20')
  expect(proposals.filter(({ state }) => state === 'open')).toHaveLength(limits.openProposalsMax)
  expect(proposals.filter(({ state }) => state === 'replaced')).toHaveLength(limits.jobProposalsMax)
}, 60_000)

async function require(approval: Approval): Promise<void> {
  await store.storage.call('approval.set', approval)
}

async function begin(uid: string, project = 'careful'): Promise<void> {
  await store.put(uid, { project, attempt: { claim: `${uid}/first` } }, ada)
  await steer(uid, { controls })
}

function steer(uid: string, steering: z.input<typeof steeringEvent>) {
  return store.report(uid, { steering: steeringEvent.parse(steering) })
}

type Set = { value: number; key?: string; revision?: number; note?: string }

function set(uid: string, { key = 'lr', ...rest }: Set, actor = ada) {
  return store.storage.call('parameters.set', { uid, key, actor, ...rest })
}

async function propose(uid: string, asked: Set): Promise<Proposed> {
  return readProposed(await set(uid, asked))
}

function readProposed(answer: object | Proposed): Proposed {
  if ('proposals' in answer) return answer
  throw new Error('It was not proposed.')
}

/** The id of a new proposal of Ada's. */
async function open(uid: string, asked: Set): Promise<number> {
  return idOf((await propose(uid, asked)).proposals[0])
}

function idOf(one: Proposal | undefined): number {
  if (!one) throw new Error('no proposal')
  return one.id
}

function approve(uid: string, id: number, revision?: number): Promise<Command> {
  return store.storage.call('proposals.approve', { uid, id, revision, actor: store.admin })
}

function decline(uid: string, id: number, reason?: string): Promise<Proposal> {
  return store.storage.call('proposals.decline', { uid, id, reason, actor: store.admin })
}

function withdraw(uid: string, id: number): Promise<Proposal> {
  return store.storage.call('proposals.withdraw', { uid, id, actor: ada })
}

async function list(uid: string): Promise<Proposal[]> {
  return (await store.storage.call('proposals.list', { uid })).proposals
}

async function find(uid: string, id: number): Promise<Proposal> {
  const found = (await list(uid)).find((one) => one.id === id)
  if (!found) throw new Error(`no proposal ${id}`)
  return found
}

async function commands(uid: string): Promise<Command[]> {
  return (await store.storage.call('commands.list', { uid, query: commandQuery.parse({}) })).commands
}

/** What the job tells of a command that it has carried out. */
async function carryOut(uid: string, command: Command): Promise<void> {
  if (command.kind !== 'set') throw new Error('It sets nothing.')
  const at = Date.now()
  await steer(uid, {
    changes: [{ ...command.body, at, step: 4, cause: 'command', command: command.id }],
    outcomes: [{ id: command.id, state: 'applied', at, step: 4 }],
  })
}

async function parameter(uid: string) {
  const [first] = (await store.storage.call('parameters.list', { uid })).parameters
  if (!first) throw new Error('no parameter')
  return first
}
