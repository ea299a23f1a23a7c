import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '@pilothouse/client'
import {
  type CheckpointAdvice,
  commandKinds,
  encodeReport,
  frameContentType,
  steeringEvent,
} from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let folder: string
let server: RunningServer
let admin: Client
let memberToken: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-proposals-'))
  const settings = { port: 0, logLevel: 'silent' as const }
  server = (await startServer({ dataFolder: folder, version, settings }, makeTestWorld().world)).server
  admin = createClient({ baseUrl: server.url, token: readFileSync(join(folder, 'admin.token'), 'utf8').trim() })
  memberToken = (await admin.call('access.create-token', { body: { name: 'member', role: 'member' } })).secret
  await admin.call('system.set-approval', { body: { projects: ['careful'] } })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

it('set says that it has proposed, with an exit code of its own, and what waits is listed', async () => {
  await begin('cli-set-1')
  const proposed = await asMember('set', 'cli-set-1', 'lr=0.2', 'clip=0.5', '--note', 'it diverges')
  expect(proposed).toEqual({
    code: 6,
    out: expect.stringMatching(
      /^lr: 0\.1 → 0\.2: proposed \(proposal \d+\), waits for approval by an admin\.\nclip: 1 → 0\.5: proposed /,
    ),
    err: '',
  })
  const { out } = await asMember('proposals', 'cli-set-1')
  expect(out).toMatch(/^ID +CHANGE .*\n +\d+ +clip: 1 → 0\.5 +open +\S+ .*it diverges\n +\d+ +lr: 0\.1 → 0\.2 +open/)
  const json = JSON.parse((await asMember('set', 'cli-set-1', 'lr=0.3', '--json')).out) as unknown
  expect(json).toMatchObject({ proposals: [{ value: 0.3, state: 'open' }], message: expect.any(String) })
  const open = JSON.parse((await asMember('proposals', 'cli-set-1', '--json')).out) as { proposals: unknown[] }
  const all = JSON.parse((await asMember('proposals', 'cli-set-1', '--all', '--json')).out) as { proposals: unknown[] }
  expect([open.proposals.length, all.proposals.length]).toEqual([2, 3])
})

it('approve gives it to the job and waits for what comes of it; a member may not', async () => {
  await begin('cli-set-2')
  const id = await propose('cli-set-2', 'lr=0.2')
  expect(await asMember('approve', 'cli-set-2', id)).toMatchObject({
    code: 4,
    err: expect.stringContaining('training:admin'),
  })
  const approving = cli('approve', 'cli-set-2', id)
  await carryOut('cli-set-2')
  expect(await approving).toEqual({ code: 0, out: 'lr = 0.2: done at step 4.\n', err: '' })
  expect(await cli('approve', 'cli-set-2', id)).toMatchObject({
    code: 1,
    err: expect.stringMatching(`Proposal ${id} is decided already: \\S+ approved it, and it became command`),
  })
  expect((await cli('proposals', 'cli-set-2')).out).toBe('Nothing waits for an admin.\n')
})

it('approve refuses when the parameter has changed since, unless it is wanted anyway', async () => {
  await begin('cli-set-3')
  const id = await propose('cli-set-3', 'lr=0.2')
  expect(await cli('set', 'cli-set-3', 'lr=0.5', '--no-wait')).toMatchObject({ code: 0 })
  await carryOut('cli-set-3')
  const refused = await cli('approve', 'cli-set-3', id, '--no-wait')
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('«lr» has changed since this was proposed: it is 0.5 now.')
  expect(refused.err).toContain('«--anyway» approves it all the same.')
  expect(await cli('approve', 'cli-set-3', id, '--anyway', '--no-wait')).toMatchObject({
    code: 0,
    out: expect.stringContaining('lr = 0.2: asked for'),
  })
  expect(await cli('approve', 'cli-set-3', '99', '--anyway')).toMatchObject({ code: 5 })
})

it('decline and withdraw say what became of it', async () => {
  await begin('cli-set-4')
  const first = await propose('cli-set-4', 'lr=0.2')
  expect(await cli('decline', 'cli-set-4', first, '--reason', 'Not now.')).toMatchObject({
    code: 0,
    out: 'lr: 0.1 → 0.2: declined. Not now.\n',
  })
  const second = await propose('cli-set-4', 'lr=0.3')
  expect(JSON.parse((await asMember('withdraw', 'cli-set-4', second, '--json')).out)).toMatchObject({
    state: 'withdrawn',
  })
  expect(await asMember('withdraw', 'cli-set-4', second)).toMatchObject({ code: 1 })
  expect(await asMember('withdraw', 'cli-set-4', 'first')).toMatchObject({ code: 2 })
  expect((await cli('proposals', 'cli-set-4', '--all')).out).toMatch(/withdrawn .*\n.*declined/)
})

it('rules for checkpoints are tried, set, shown and removed', async () => {
  await begin('cli-set-5')
  for (const [step, loss] of [3, 1, 2].entries()) await write('cli-set-5', step, loss)
  expect((await cli('checkpoints', 'cli-set-5', '--rules')).out).toMatch(/^No rule: all checkpoints stay\.\n/)
  const rules = ['--keep-last', '1', '--keep-best', 'loss:minimize', '--kind', 'manual', '--kind', 'scheduled']
  const tried = await cli('checkpoints', 'cli-set-5', ...rules, '--dry-run')
  expect(tried.code).toBe(0)
  expect(tried.out).toMatch(/^Stays: the last 1, the best 1 by loss \(minimize\); looked at: manual, scheduled\n/)
  expect(tried.out).toMatch(
    / at-1 +1 +yes +the best by loss, 1\n.* at-0 +0 +no .*\n2 stay, 1 would go; nothing has been changed\n$/,
  )
  expect((await cli('checkpoints', 'cli-set-5', '--rules')).out).toMatch(/^No rule/)
  expect(JSON.parse((await cli('checkpoints', 'cli-set-5', ...rules, '--json')).out)).toMatchObject({
    policy: { last: 1, best: { metric: 'loss', goal: 'minimize', count: 1 }, kinds: ['manual', 'scheduled'] },
  })
  expect((await cli('checkpoints', 'cli-set-5')).out).toMatch(/at-0 .*deleting/)
  expect((await cli('checkpoints', 'cli-set-5', '--rules')).out).toMatch(/^Stays: .*\n2 stay\n$/s)
  expect(await asMember('checkpoints', 'cli-set-5', '--keep-all')).toMatchObject({ code: 4 })
  expect((await cli('checkpoints', 'cli-set-5', '--keep-all')).out).toMatch(/^No rule/)
  expect(await cli('checkpoints', 'cli-set-5', '--dry-run')).toMatchObject({ code: 2 })
  expect(await cli('checkpoints', 'cli-set-5', '--keep-best', 'loss')).toMatchObject({
    code: 2,
    err: expect.stringContaining('A metric with its goal is wanted'),
  })
})

it('advice on checkpoints says what speaks for one, or that nothing does', async () => {
  await begin('cli-set-6')
  const advice = await cli('checkpoints', 'cli-set-6', '--advice')
  const json = JSON.parse((await cli('checkpoints', 'cli-set-6', '--advice', '--json')).out) as CheckpointAdvice // its own answer
  const words = json.recommendations.map(({ action, words: why }) => `${action}: ${why}`)
  expect(advice.out).toBe(`${words.join('\n') || 'Nothing speaks for a checkpoint now.'}\n`)
})

/** A checkpoint that the job has written. */
async function write(uid: string, step: number, loss: number): Promise<void> {
  const place = {
    name: `at-${step}`,
    kind: 'scheduled' as const,
    at: Date.now(),
    step,
    uri: `/c/at-${step}`,
    host: 'n',
  }
  await report(uid, { checkpoints: [{ ...place, bytes: 5, tookMs: 3, metrics: { loss } }] })
}

let numbers = 0

/** A running job in a project whose changes wait for an admin. */
async function begin(uid: string): Promise<void> {
  await admin.call('jobs.put', { params: { uid }, body: { project: 'careful' } })
  const parameters = [
    { key: 'lr', type: 'number' as const, min: 0, max: 1, value: 0.1 },
    { key: 'clip', type: 'number' as const, value: 1 },
  ]
  await report(uid, { controls: { kinds: [...commandKinds], parameters } })
}

async function report(uid: string, steering: Parameters<typeof steeringEvent.parse>[0]): Promise<void> {
  numbers += 1
  const frame = encodeReport({
    attempt: 1,
    writer: 'script',
    number: numbers,
    role: 'sdk',
    sentAt: Date.now(),
    steering: steeringEvent.parse(steering),
  })
  const answer = await fetch(`${server.url}/api/jobs/${uid}/reports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin.token ?? ''}`, 'content-type': frameContentType },
    body: Buffer.from(frame),
  })
  expect(answer.status).toBe(200)
}

/** Takes the next command as the job does, and does it. */
async function carryOut(uid: string): Promise<void> {
  const query = { attempt: 1, after: 0, waitMs: 20_000 }
  const { commands } = await admin.call('commands.take', { params: { uid }, query })
  const [order] = commands
  if (order?.kind !== 'set') throw new Error('Nothing is to be set.')
  const at = Date.now()
  await report(uid, {
    changes: [{ ...order.body, at, step: 4, cause: 'command', command: order.id }],
    outcomes: [{ id: order.id, state: 'applied', at, step: 4 }],
  })
}

/** The number of a new proposal of a member. */
async function propose(uid: string, change: string): Promise<string> {
  const { out } = await asMember('set', uid, change, '--json')
  const { proposals } = JSON.parse(out) as { proposals: { id: number }[] } // what it prints when it has proposed
  return String(proposals[0]?.id)
}

function asMember(...args: string[]) {
  return cli(...args, '--url', server.url, '--token', memberToken)
}

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder })
  const code = await runCli(args, world, version)
  return { code, out: stdout.text(), err: stderr.text() }
}
