import { jobQuery } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type TestStorage, pointsOf, openTestStorage } from '../storage/test-storage.ts'

const hour = 3_600_000
const waiting = { timeout: 20_000, interval: 50 }
let test: TestStorage
beforeAll(async () => {
  test = await openTestStorage()
  const { storage, admin } = test
  await test.put('bert-1', {
    name: 'BERT base',
    project: 'text',
    tags: ['llama', 'old one'],
    model: 'bert',
    config: { lr: 1e-4, optim: { name: 'adamw' }, seed: '7', fused: true },
  })
  await test.report('bert-1', { points: [pointsOf({ loss: [3, 1.5, 1.8], 'val/acc': [0.2, 0.9, 0.7] })] })
  await test.report('bert-1', { state: { state: 'completed', at: Date.now() } })
  await test.put('bert-2', { name: 'bert 100%', project: 'text', tags: ['llama'], config: { lr: 1e-2, seed: 7 } })
  await test.report('bert-2', { points: [pointsOf({ loss: [4, 5, Number.NaN] })] })
  const error = { type: 'ModuleNotFoundError', message: "No module named 'flash_attn'" }
  await test.report('bert-2', { state: { state: 'failed', at: Date.now(), exitCode: 1, error } })
  await test.put('vision-1', { name: 'resnet', project: 'vision', startedAt: Date.now() - 3 * hour, createdAt: 0 })
  await test.report('vision-1', { points: [pointsOf({ loss: [0.5] })] })
  await test.put('vision-2', { name: 'kept away', project: 'vision', state: 'pending' })
  await storage.call('jobs.edit-some', { uids: ['vision-2'], patch: { archived: true }, actor: admin, by: null })
  await waitForDigests(['bert-1', 'bert-2', 'vision-1'])
})
afterAll(() => test.close())

/** Values are written a little after what they come from. */
async function waitForDigests(uids: readonly string[]): Promise<void> {
  const look = async () => {
    expect((await find('has:loss')).sort()).toEqual([...uids].sort())
    expect(await find('config.lr>0')).toHaveLength(2)
  }
  await vi.waitFor(look, waiting)
}

async function find(search: string, more: Record<string, unknown> = {}): Promise<string[]> {
  const query = jobQuery.parse({ search, sort: 'name', order: 'asc', ...more })
  const { jobs, total } = await test.storage.call('jobs.list', { query, onlyUid: null, memberId: test.admin.memberId })
  expect(total).toBe(jobs.length)
  return jobs.map(({ uid }) => uid)
}

describe('a search finds what fulfils all of its conditions', () => {
  it.each<[string, string[]]>([
    ['bert', ['bert-1', 'bert-2']],
    ['bert -base', ['bert-2']],
    ['"100%"', ['bert-2']],
    ['status:failed', ['bert-2']],
    ['status:failed,completed', ['bert-1', 'bert-2']],
    ['-status:failed', ['bert-1', 'vision-1']],
    ['tag:llama', ['bert-1', 'bert-2']],
    ['tag:llama -tag:"old one"', ['bert-2']],
    ['tag:OLD*', ['bert-1']],
    ['project:vision', ['vision-1']],
    ['model:bert', ['bert-1']],
    ['-model:bert', ['bert-2', 'vision-1']],
    ['name:"ert b"', ['bert-1']],
    ['owner:me', ['bert-1', 'bert-2', 'vision-1']],
    ['owner:nobody', []],
    ['uid:vision', ['vision-1']],
    ['is:live', ['vision-1']],
    ['is:ended', ['bert-1', 'bert-2']],
    ['is:archived', ['vision-2']],
    ['created>1h', ['bert-1', 'bert-2']],
    ['created<1h', ['vision-1']],
    ['-ended:today', ['vision-1']],
    ['duration>2h', ['vision-1']],
    ['gpus:0 attempts:1', ['bert-1', 'bert-2', 'vision-1']],
    ['loss<2', ['bert-1', 'vision-1']],
    ['loss=1.8', ['bert-1']],
    ['-loss<2', ['bert-2']],
    ['min.loss<2', ['bert-1', 'vision-1']],
    ['max.loss>=5', ['bert-2']],
    ['val/acc>80%', []],
    ['max.val/acc>80%', ['bert-1']],
    ['has:val/acc', ['bert-1']],
    ['-has:val/acc', ['bert-2', 'vision-1']],
    ['config.lr>=1e-3', ['bert-2']],
    ['config.optim.name:adamw', ['bert-1']],
    ['config.optim.name:ADAM*', ['bert-1']],
    ['config.fused:true', ['bert-1']],
    ['config.seed:7', ['bert-1', 'bert-2']],
    ['config.seed!=7', []],
    ['bert loss<2 config.lr<1 tag:llama is:ended', ['bert-1']],
    ["' or 1=1", []],
  ])('%s', async (search, wanted) => {
    expect((await find(search)).sort()).toEqual([...wanted].sort())
  })

  it('and says what it cannot read', async () => {
    await expect(find('status:faild')).rejects.toMatchObject({ code: 'invalid', field: 'search' })
    await expect(find('status:faild')).rejects.toThrow('«faild» is no state')
  })
})

it('lists are sorted by any value, jobs without it last', async () => {
  expect(await find('', { sort: 'metric:loss', order: 'asc' })).toEqual(['vision-1', 'bert-1', 'bert-2'])
  expect(await find('', { sort: 'metric:loss', order: 'desc' })).toEqual(['bert-1', 'vision-1', 'bert-2'])
  expect(await find('', { sort: 'max:loss', order: 'desc' })).toEqual(['bert-2', 'bert-1', 'vision-1'])
  expect(await find('', { sort: 'config:lr', order: 'desc' })).toEqual(['bert-2', 'bert-1', 'vision-1'])
})

it('a failed job says why on its card, and no more once it runs again', async () => {
  const read = async () => (await test.storage.call('jobs.get', { uid: 'bert-2' })).diagnosis
  await expect.poll(read, waiting).toContain('flash_attn')
  await test.put('bert-2', { attempt: { claim: 'again' } })
  expect(await read()).toBeNull()
  await test.report('bert-2', { state: { state: 'cancelled', at: Date.now() }, attempt: 2 })
})

it('what changes is found anew, what was deleted is not, and what is restored is', async () => {
  const { storage, admin } = test
  await test.put('moving', { config: { depth: 3, gone: 1 } })
  await expect.poll(() => find('config.depth=3'), waiting).toEqual(['moving'])
  await storage.call('jobs.edit', { uid: 'moving', patch: { config: { depth: 4 } }, actor: admin })
  await expect.poll(() => find('config.depth=4'), waiting).toEqual(['moving'])
  expect(await find('config.gone=1')).toEqual([])
  await storage.call('jobs.delete', { uid: 'moving', actor: admin, now: false })
  expect(await find('config.depth=4')).toEqual([])
  await storage.call('jobs.restore', { uid: 'moving' })
  await expect.poll(() => find('config.depth=4'), waiting).toEqual(['moving'])
})

it('jobs of before a start are worked through, and names that no job has are forgotten', async () => {
  const names = async () => (await test.storage.call('search.keys', { search: 'depth', limit: 9 })).keys
  await test.storage.call('jobs.delete', { uid: 'moving', actor: test.admin, now: true })
  expect(await names()).toHaveLength(1)
  await test.put('early', { config: { only: 'here' } })
  await test.reopen()
  await expect.poll(() => find('config.only:here'), waiting).toEqual(['early'])
  expect(await names()).toEqual([])
})
