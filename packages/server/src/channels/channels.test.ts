/** Alerts on their way: real receivers over HTTP, a real mail server, the official library that checks signatures. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Channel, ChannelCreate, Delivery } from '@pilothouse/contract'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LabMailServer, startMailServer } from '../../../../lab/start-mail-server.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { type Hook, startHook } from './hook.fixture.ts'

let test: TestServer
let hook: Hook
beforeEach(async () => {
  hook = await startHook()
  const settings = { allowPrivateChannels: true, publicUrl: 'https://lab.example.org' }
  test = await startTestServer(settings, { deliveryWaitsMs: [100, 100] })
})
afterEach(async () => {
  await test.close()
  await hook.close()
})

describe('a webhook', () => {
  it('is told of an alert, signed so that the official library takes it', async () => {
    const { secret } = await alertByWebhook()
    await fail('job-1')
    const { headers, body } = await hook.next()
    const signed = headers as Record<string, string> // those of the signature come once
    expect(new Webhook(secret ?? '').verify(body, signed)).toMatchObject({
      type: 'alert.raised',
      data: { alert: { title: 'Failed', job: { uid: 'job-1' } }, url: 'https://lab.example.org/job/job-1' },
    })
    expect(() => new Webhook(secret ?? '').verify(`${body} `, signed)).toThrow()
    expect(await settled()).toMatchObject([{ status: 'delivered', tries: 1, error: null, title: 'Failed' }])
  })

  it('that is down is tried again under the same id, and told why meanwhile', async () => {
    await alertByWebhook()
    const beganAt = Date.now()
    const { promise: after, resolve: answer } = Promise.withResolvers<void>()
    hook.answers.push({ status: 503, text: 'closed for lunch' }, { status: 200, after })
    await fail('job-1')
    const first = await hook.next()
    const [waiting] = await until(({ tries }) => tries === 1)
    expect(waiting).toMatchObject({ status: 'waiting', error: 'The other side answered 503: closed for lunch.' })
    expect(waiting?.nextAt).toBeGreaterThanOrEqual(beganAt + 100)
    answer()
    const second = await hook.next()
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
    expect(await settled()).toMatchObject([{ status: 'delivered', tries: 2 }])
  })

  it('is told after a restart what could not be told before it', async () => {
    await test.close()
    const dataFolder = await mkdtemp(join(tmpdir(), 'pilothouse-deliveries-'))
    const start = async () =>
      startTestServer({ dataFolder, allowPrivateChannels: true }, { deliveryWaitsMs: [2_000, 100] })
    test = await start()
    const { secret } = await alertByWebhook()
    hook.answers.push({ status: 503 })
    await fail('job-1')
    const first = await hook.next()
    await until(({ tries }) => tries === 1)
    await test.close()
    test = await start()
    const second = await hook.next()
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
    expect(() => new Webhook(secret ?? '').verify(second.body, second.headers as Record<string, string>)).not.toThrow()
    expect(await settled()).toMatchObject([{ status: 'delivered', tries: 2 }])
    await test.close()
    await rm(dataFolder, { recursive: true })
    test = await startTestServer()
  }, 60_000)

  it('that refuses for good is given up, and tried again when somebody asks for it', async () => {
    await alertByWebhook()
    hook.answers.push({ status: 404 })
    await fail('job-1')
    await hook.next()
    const [given] = await settled()
    expect(given).toMatchObject({ status: 'given-up', tries: 1, error: 'The other side answered 404.' })
    await post(`/api/deliveries/${given?.id ?? 0}/repeat`)
    await hook.next()
    expect(await settled()).toMatchObject([{ status: 'delivered' }])
    expect(await post(`/api/deliveries/${given?.id ?? 0}/repeat`)).toMatchObject({ error: { code: 'conflict' } })
  })

  it('that leads elsewhere is not followed', async () => {
    await alertByWebhook()
    hook.answers.push({ status: 302, headers: { location: 'http://169.254.169.254/' } })
    await fail('job-1')
    await hook.next()
    expect(await settled()).toMatchObject([{ status: 'given-up', error: expect.stringMatching('leads elsewhere') }])
  })

  it('is tested at once, and the answer says what came of it', async () => {
    const { id } = await alertByWebhook()
    expect(await post(`/api/channels/${id}/test`)).toMatchObject({ event: 'test', status: 'delivered', error: null })
    expect(JSON.parse((await hook.next()).body)).toMatchObject({ type: 'test' })
    hook.answers.push({ status: 500 })
    expect(await post(`/api/channels/${id}/test`)).toMatchObject({ status: 'waiting', tries: 1 })
  })

  it('that is off, or gone, is told nothing', async () => {
    const { id } = await alertByWebhook()
    await ask('PATCH', `/api/channels/${id}`, { enabled: false })
    await fail('job-1')
    const { id: other } = await alertByWebhook()
    await fail('job-2')
    expect(JSON.parse((await hook.next()).body)).toMatchObject({ data: { alert: { job: { uid: 'job-2' } } } })
    await ask('DELETE', `/api/channels/${other}`)
    const { json } = await test.ask('/api/alert-rules', { token: test.tokens.admin })
    expect(json).toMatchObject({ rules: [{ channels: [id] }, { channels: [] }] })
  })

  it('gives its secrets away neither in answers nor in the database', async () => {
    const { secret } = await alertByWebhook()
    const { text } = await test.ask('/api/channels', { token: test.tokens.admin })
    expect(text).not.toContain('top-secret-path')
    expect(text).not.toContain(secret ?? '-')
    expect(await test.readDataFile('channels.key')).toHaveLength(44)
  })
})

it('nothing is sent to this machine unless whoever runs the server allows it', async () => {
  await test.close()
  test = await startTestServer()
  const { id } = await addChannel({ kind: 'slack', name: 'inside', url: hook.url })
  expect(await post(`/api/channels/${id}/test`)).toMatchObject({
    status: 'given-up',
    error: expect.stringMatching('--allow-private-channels'),
  })
  expect(hook.received).toBe(0)
})

it('many alerts at once are one message in a chat', async () => {
  const { id } = await addChannel({ kind: 'slack', name: 'chat', url: hook.url })
  await writeRule(id)
  hook.answers.push({ status: 429, headers: { 'retry-after': '1' } })
  await fail('job-0')
  await hook.next()
  for (let at = 1; at <= 12; at += 1) await fail(`job-${at}`)
  const bodies: { text: string; blocks: unknown[] }[] = []
  const told = () => bodies.reduce((sum, { blocks }) => sum + blocks.length, 0)
  while (told() < 12) bodies.push(JSON.parse((await hook.next()).body) as (typeof bodies)[number]) // as formatSlack makes it
  expect(bodies.length).toBeLessThan(12)
}, 60_000)

describe('e-mail', () => {
  let mail: LabMailServer
  beforeEach(async () => {
    mail = await startMailServer()
    await test.close()
    test = await startTestServer({ smtpUrl: mail.url, mailFrom: 'lab <pilothouse@example.org>' })
  })
  afterEach(() => mail.close())

  it('arrives at a real mail server', async () => {
    const { id } = await addChannel({ kind: 'email', name: 'us', to: ['anna@example.org', 'bert@example.org'] })
    await writeRule(id)
    await fail('job-1')
    expect(await mail.next()).toMatchObject({
      from: 'lab <pilothouse@example.org>',
      to: ['anna@example.org', 'bert@example.org'],
      subject: '[warning] Failed · job-1 · default',
      text: expect.stringMatching(/^warning: Failed\nFailed without saying why\./),
    })
    expect(await settled()).toMatchObject([{ status: 'delivered' }])
  })

  it('that is refused for good is given up, and what the mail server said is told', async () => {
    const gone = await addChannel({ kind: 'email', name: 'gone', to: ['x@refused.example'] })
    expect(await post(`/api/channels/${gone.id}/test`)).toMatchObject({
      status: 'given-up',
      error: expect.stringMatching('No such mailbox'),
    })
    const busy = await addChannel({ kind: 'email', name: 'busy', to: ['x@busy.example'] })
    expect(await post(`/api/channels/${busy.id}/test`)).toMatchObject({ status: 'waiting' })
  })
})

it('without a mail server, e-mail says how to name one', async () => {
  const { id } = await addChannel({ kind: 'email', name: 'us', to: ['anna@example.org'] })
  expect(await post(`/api/channels/${id}/test`)).toMatchObject({
    status: 'given-up',
    error: expect.stringMatching('PILOTHOUSE_SMTP_URL'),
  })
})

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  return (await test.ask(path, { method, token: test.tokens.admin, body })).json
}

function post(path: string, body: unknown = {}): Promise<unknown> {
  return ask('POST', path, body)
}

async function addChannel(body: ChannelCreate): Promise<Channel & { secret: string | null }> {
  return (await post('/api/channels', body)) as Channel & { secret: string | null } // what this route answers with
}

async function writeRule(channel: number): Promise<void> {
  await post('/api/alert-rules', {
    name: 'Failed',
    condition: { kind: 'state', states: ['failed'] },
    channels: [channel],
  })
}

async function alertByWebhook(): Promise<Channel & { secret: string | null }> {
  const channel = await addChannel({ kind: 'webhook', name: 'hook', url: hook.url })
  await writeRule(channel.id)
  return channel
}

async function fail(uid: string): Promise<void> {
  await ask('PUT', `/api/jobs/${uid}`, {})
  const now = Date.now()
  const report = { attempt: 1, writer: 'w', role: 'sdk', sentAt: now }
  const send = (number: number, state: string) =>
    post(`/api/jobs/${uid}/reports`, { ...report, number, state: { state, at: now } })
  await send(1, 'running')
  await send(2, 'failed')
}

/** Deliveries once each of them has come to an end. */
function settled(): Promise<Delivery[]> {
  return until(({ status }) => status !== 'waiting')
}

async function until(isSo: (delivery: Delivery) => boolean): Promise<Delivery[]> {
  return expect
    .poll(
      async () => {
        const { deliveries } = (await ask('GET', '/api/deliveries')) as { deliveries: Delivery[] } // what this route answers with
        return deliveries.length > 0 && deliveries.every(isSo) ? deliveries : undefined
      },
      { timeout: 20_000 },
    )
    .toBeDefined()
    .then(async () => ((await ask('GET', '/api/deliveries')) as { deliveries: Delivery[] }).deliveries) // likewise
}
