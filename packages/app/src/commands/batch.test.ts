/** The commands against a server that answers as the contract says; `batch.test.ts` above runs them against the real one. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type BatchCard,
  type BatchDetail,
  type OpenAiBatch,
  PilothouseError,
  type RouteName,
} from '@pilothouse/contract'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../run-cli.ts'
import { type Answer, type ContractServer, hangUp, startContractServer } from '../test-contract-server.ts'
import { makeTestWorld } from '../test-world.ts'

const id = `batch_${'a'.repeat(32)}`
const other = `batch_${'b'.repeat(32)}`
const fileId = `file-${'1'.repeat(32)}`
const slow = { timeout: 30_000 }

const card: BatchCard = {
  id,
  name: 'prompts.jsonl',
  owner: { id: 1, name: 'admin' },
  status: 'in_progress',
  endpoint: '/v1/chat/completions',
  model: 'small-llama',
  priority: 0,
  counts: { total: 4, completed: 1, failed: 1, inputTokens: 10, cachedTokens: 0, outputTokens: 20, reasoningTokens: 0 },
  cost: null,
  currency: 'EUR',
  requestsPerSecond: 2,
  tokensPerSecond: 40,
  eta: { leftMs: 1000, leftMsMin: 500, leftMsMax: 2000 },
  trouble: null,
  createdAt: 1,
  startedAt: 2,
  expiresAt: 9e12,
  endedAt: null,
  parentId: null,
}
const detail: BatchDetail = {
  ...card,
  inputFileId: fileId,
  outputFileId: null,
  errorFileId: null,
  completionWindow: '24h',
  metadata: null,
  ordered: false,
  faults: null,
  failures: [{ code: 'refused', count: 1 }],
  history: [],
  timeline: [{ status: 'validating', at: 1 }],
  children: [],
  workers: [],
}
const made: OpenAiBatch = {
  id,
  object: 'batch',
  endpoint: card.endpoint,
  model: null,
  errors: null,
  input_file_id: fileId,
  completion_window: '24h',
  status: 'validating',
  output_file_id: null,
  error_file_id: null,
  created_at: 1,
  in_progress_at: null,
  expires_at: 2,
  finalizing_at: null,
  completed_at: null,
  failed_at: null,
  expired_at: null,
  cancelling_at: null,
  cancelled_at: null,
  request_counts: { total: 4, completed: 1, failed: 1 },
  usage: {
    input_tokens: 0,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 0,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 0,
  },
  metadata: null,
}
const file = {
  id: fileId,
  object: 'file',
  bytes: 3,
  created_at: 1,
  expires_at: null,
  filename: 'prompts.jsonl',
  purpose: 'batch',
  status: 'processed',
  status_details: null,
}
const gone: Answer = () => ({ id: fileId, object: 'file', deleted: true })

let folder: string
let input: string
let server: ContractServer | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-batch-'))
  input = join(folder, 'prompts.jsonl')
  writeFileSync(input, '{"custom_id":"a"}\n')
})
afterEach(async () => {
  await server?.close()
  server = undefined
  rmSync(folder, { recursive: true })
})

async function serve(answers: Partial<Record<RouteName, Answer>>): Promise<ContractServer> {
  server = await startContractServer({ 'files.create': () => file, 'files.delete': gone, ...answers })
  return server
}

async function cli(...args: string[]) {
  const { world, stdout, stderr } = makeTestWorld({
    PILOTHOUSE_URL: server?.url ?? 'http://127.0.0.1:1',
    PILOTHOUSE_TOKEN: 't',
  })
  const code = await runCli(['batch', ...args], world, '0.0.0-test')
  return { code, out: stdout.text(), err: stderr.text() }
}

function names(): RouteName[] {
  return server?.calls.map(({ name }) => name) ?? []
}

it('a file is sent with its name, and a batch made of it with what the options say', async () => {
  const { calls } = await serve({ 'openai-batches.create': () => made })
  const args = ['--model', 'm', '--window', '7d', '--priority', '3', '--ordered', '--key', 'k1', '--meta', 'run=1=2']
  const { code, out, err } = await cli('submit', input, ...args)
  expect({ code, out }).toEqual({ code: 0, out: `${id}\n` })
  expect(err).toContain(`pilothouse batch show ${id} --watch`)
  expect(calls[0]?.body).toMatch(
    /name="purpose"\r\n\r\nbatch\r\n[^]*filename="prompts.jsonl"[^]*\{"custom_id":"a"\}\n\r\n--/,
  )
  expect(calls[1]?.headers['idempotency-key']).toBe('k1')
  expect(calls[1]?.body).toEqual({
    input_file_id: fileId,
    endpoint: '/v1/chat/completions',
    completion_window: '7d',
    model: 'm',
    priority: 3,
    ordered: true,
    metadata: { run: '1=2' },
  })
})

it('a channel is named by its name, and one that there is not is known before the file is sent', async () => {
  const channel = { id: 3, kind: 'slack', name: 'results', enabled: true, target: 'chat/…', owner: card.owner } as const
  const listed = { ...channel, createdAt: 1, changedAt: 1, waiting: 0, last: null }
  const channels = () => ({ channels: [listed, { ...listed, id: 4, name: 'ops' }], canMail: false })
  const { calls } = await serve({ 'openai-batches.create': () => made, 'channels.list': channels })
  expect(await cli('submit', input, '--notify', 'results')).toMatchObject({ code: 0 })
  expect(calls.at(-1)?.body).toMatchObject({ notify: 3 })
  const before = names().length
  const { code, err } = await cli('submit', input, '--notify', 'nobody')
  expect(code).toBe(2)
  expect(err).toContain('There are «results», «ops».')
  expect(names().slice(before)).toEqual(['channels.list'])
})

it('a connection that breaks while the batch is made is tried again with the same key', async () => {
  let asked = 0
  const { calls } = await serve({ 'openai-batches.create': () => (++asked === 1 ? hangUp : made) })
  expect(await cli('submit', input)).toMatchObject({ code: 0, out: `${id}\n` })
  const keys = calls
    .filter(({ name }) => name === 'openai-batches.create')
    .map(({ headers }) => headers['idempotency-key'])
  expect(keys).toHaveLength(2)
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
  expect(keys[1]).toBe(keys[0])
})

it('what is refused leaves no file behind, and is told apart from a control room that does not answer', async () => {
  const refuse = (): never => {
    throw new PilothouseError('unavailable', 'No engine answers for «m».', { hint: 'Add one.' })
  }
  await serve({ 'openai-batches.create': refuse })
  const { code, err } = await cli('submit', input)
  expect(code).toBe(7)
  expect(err).toContain('No engine answers for «m».')
  expect(names()).toEqual(['files.create', 'openai-batches.create', 'files.delete'])
})

it('a batch is followed to its end, and its end is the exit code', slow, async () => {
  for (const [status, expected] of [
    ['completed', 0],
    ['expired', 1],
  ] as const) {
    let looks = 0
    const look = (): BatchDetail => (++looks < 2 ? detail : { ...detail, status, outputFileId: fileId })
    await serve({ 'openai-batches.create': () => made, 'batches.get': look })
    const { code, out, err } = await cli('submit', input, '--watch')
    expect(code).toBe(expected)
    expect(err).toMatch(new RegExp(`^● in_progress {2}2 of 4, 50 %, 1 failed, 2 requests/s.*\\n. ${status} `))
    expect(out).toMatch(new RegExp(`^${id}\\n. ${status} {2}${id} {2}prompts.jsonl\\n`))
    await server?.close()
  }
})

it('a control room that goes away while it is asked is asked again', slow, async () => {
  let looks = 0
  await serve({ 'batches.get': () => (++looks === 1 ? hangUp : { ...detail, status: 'completed' }) })
  const { code, err } = await cli('show', id, '--watch')
  expect(code).toBe(0)
  expect(err).toMatch(/^The control room does not answer.*\n✓ completed/)
})

it('requests are only looked at with --check, and their file is taken away', async () => {
  const fault = { code: 'invalid_json_line', message: 'No JSON.', param: null, line: 2 }
  const checked = { requests: 2, model: 'm', faults: { count: 1, shown: [fault] }, refusal: null, estimate: null }
  await serve({ 'batches.check': () => checked })
  const { code, out } = await cli('submit', input, '--check')
  expect({ code, out }).toEqual({
    code: 1,
    out: '2 requests for m\n✗ 1 fault in the input\n  line 2: No JSON. (invalid_json_line)\n',
  })
  expect(names()).toEqual(['files.create', 'batches.check', 'files.delete'])
  expect(server?.calls[0]?.body).toContain('expires_after[seconds]')
})

it('what cannot be meant is refused before anything is sent', async () => {
  await serve({})
  for (const args of [
    ['submit', input, '--window', 'soon'],
    ['submit', input, '--endpoint', 'chat'],
    ['submit', input, '--priority', '11'],
    ['submit', input, '--meta', 'novalue'],
    ['submit', folder],
    ['list', '--group', 'none'],
    ['failures', id, '--code', 'none'],
    ['retry', id, '--line', '0'],
    ['compare', id],
    ['compare', id, id],
  ])
    expect(await cli(...args), args.join(' ')).toMatchObject({ code: 2, out: '' })
  expect(await cli('submit', join(folder, 'none.jsonl'))).toMatchObject({ code: 5 })
  expect(names()).toEqual([])
})

it('batches are listed over as many pages as it takes', async () => {
  const groupCounts = { active: 150, completed: 0, failed: 0 }
  const { calls } = await serve({
    'batches.list': ({ query }) => ({
      batches: Array.from({ length: Number(query['limit']) }, () => card),
      hasMore: true,
      groupCounts,
    }),
  })
  const { code, out } = await cli('list', '--limit', '130', '--group', 'active', '--text', 'prompts', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ batches: { length: 130 }, hasMore: true, groupCounts })
  expect(calls.map(({ query }) => query)).toEqual([
    { group: 'active', text: 'prompts', limit: '100' },
    { group: 'active', text: 'prompts', limit: '30', after: id },
  ])
  expect((await cli('list', '--limit', '1')).out).toMatch(
    /^BATCH .*\nbatch_a+ +● in_progress +50 % +4 +1 +2 requests\/s/,
  )
})

it('results go to a file whole or not at all, and never over another one unasked', async () => {
  const lines = '{"custom_id":"a"}\n{"custom_id":"b"}\n'
  await serve({ 'openai-batches.results': () => lines, 'openai-batches.errors': () => 'errors\n' })
  const path = join(folder, 'results.jsonl')
  expect(await cli('results', id)).toMatchObject({ code: 0, out: lines })
  expect(await cli('results', id, '-o', path)).toMatchObject({ code: 0, out: `${path}\n` })
  expect(readFileSync(path, 'utf8')).toBe(lines)
  expect(await cli('results', id, '-o', path, '--errors')).toMatchObject({ code: 1 })
  expect(await cli('results', id, '-o', path, '--errors', '--force')).toMatchObject({ code: 0 })
  expect(readFileSync(path, 'utf8')).toBe('errors\n')
  expect(existsSync(`${path}.part`)).toBe(false)
})

it('failures are listed with why, retried by line, and batches cancelled', async () => {
  const letter = {
    line: 7,
    customId: 'a',
    code: 'refused',
    message: 'too\nlong',
    status: 400,
    attempts: 1,
    tookMs: 2000,
    at: 1,
    body: '{}',
  }
  const { calls } = await serve({
    'batches.dead-letters': () => ({ letters: [letter], hasMore: false }),
    'batches.retry': () => ({ ...card, id: other, parentId: id }),
    'openai-batches.cancel': () => ({ ...made, status: 'cancelling' }),
  })
  const failures = await cli('failures', id, '--code', 'refused')
  expect(failures).toMatchObject({ code: 0, out: 'line 7  a  refused 400  1 attempt in 2 s\n    too long\n' })
  expect(await cli('retry', id, '--line', '7', '--line', '9')).toMatchObject({ code: 0, out: `${other}\n` })
  expect(calls.at(-1)?.body).toEqual({ lines: [7, 9] })
  expect(await cli('cancel', id)).toMatchObject({ code: 0, out: `${id} is cancelling: 2 of 4 requests were done.\n` })
})

it('answers of batches are joined by their ids, in whichever file they stand', async () => {
  const answer = (customId: string, content: string) =>
    `${JSON.stringify({ custom_id: customId, response: { body: { choices: [{ message: { content } }] } }, error: null })}\n`
  const failure = (customId: string) =>
    `${JSON.stringify({ custom_id: customId, response: null, error: { code: 'timeout', message: 'late' } })}\n`
  const results = {
    [id]: answer('b', 'a red fox') + answer('a', 'same'),
    [other]: answer('a', 'same') + answer('c', 'x'),
  }
  await serve({
    'batches.get': ({ params }) => ({ ...detail, id: params['id'] }),
    'openai-batches.results': ({ params }) => results[params['id'] ?? ''],
    'openai-batches.errors': ({ params }) => (params['id'] === other ? failure('b') : ''),
  })
  const json = await cli('compare', id, other, '--json')
  expect(
    json.out
      .split('\n')
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([
    {
      customId: 'a',
      isSame: true,
      answers: [
        { text: 'same', isFailure: false },
        { text: 'same', isFailure: false },
      ],
    },
    {
      customId: 'b',
      isSame: false,
      answers: [
        { text: 'a red fox', isFailure: false },
        { text: 'timeout: late', isFailure: true },
      ],
    },
    { customId: 'c', isSame: false, answers: [null, { text: 'x', isFailure: false }] },
  ])
  const text = await cli('compare', id, other, '--only-different')
  expect(text.out).toMatch(
    /\n≠ b\na red fox +│ timeout: late\n≠ c\n– +│ x\n3 requests: 1 the same, 1 different, 1 not in all/,
  )
  expect(text.out).not.toContain('same\n=')
})

it('usage and log are printed', async () => {
  const { owner, counts } = card
  await serve({
    'batches.usage': () => ({
      rows: [{ member: owner, model: 'm', batches: 1, ...counts, cost: 0.5 }],
      currency: 'EUR',
    }),
    'batches.log': () => ({ lines: [{ n: 1, at: 0, level: 'warning', text: 'An engine is away.' }] }),
  })
  expect((await cli('usage', '--since', '30d')).out).toMatch(/^MEMBER .*\nadmin +m +1 +4 +1 +10 +0 +20 +€0\.50\n$/)
  expect((await cli('log', id)).out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:00 {2}An engine is away.\n$/)
})
