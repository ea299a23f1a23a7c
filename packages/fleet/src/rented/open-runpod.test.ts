/** Against answers as RunPod documents them, over real HTTP. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRunpod } from './open-runpod.ts'
import type { Provider, ProviderError } from './provider.ts'

const key = 'a-key-that-opens-nothing-4f9a'
type Answer = { status?: number; text: string }

let server: Server
let asked: { line: string; body: unknown; authorization: string | undefined }[]
/** By method and path. */
let answers: Record<string, Answer>
let runpod: Provider
beforeEach(async () => {
  asked = []
  answers = {}
  server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    void request.toArray().then((parts: Buffer[]) => {
      const text = Buffer.concat(parts).toString()
      asked.push({
        line: `${method} ${url}`,
        body: text === '' ? null : JSON.parse(text),
        authorization: headers.authorization,
      })
      const { status = 200, text: answer } = answers[`${method} ${url.split('?')[0] ?? ''}`] ?? {
        status: 404,
        text: '',
      }
      response.writeHead(status).end(answer)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
  runpod = openRunpod({ key, url: `${url}/v1`, catalogueUrl: `${url}/v2` })
})
afterEach(() => {
  server.close()
  server.closeAllConnections()
})

const recorded = (name: string): string => readFileSync(new URL(`recorded/${name}.json`, import.meta.url), 'utf8')

describe('pods', () => {
  it('are listed with bytes, milliseconds and an address, whatever is missing', async () => {
    answers['GET /v1/pods'] = { text: recorded('runpod-pods') }
    const [first, ...others] = await runpod.list()
    expect(first).toEqual({
      provider: 'runpod',
      id: 'xedezhzb9la3ye',
      label: 'train-7',
      status: 'running',
      rawStatus: 'RUNNING',
      statusText: 'Rented by User: Sun Jul 12 2026 15:14:40 GMT-0400',
      gpuName: 'RTX 4090',
      gpuCount: 2,
      gpuUse: null,
      gpuTemperature: null,
      gpuMemory: { used: null, total: null },
      cpuUse: null,
      memory: { used: null, total: 62e9 },
      disk: { used: null, total: 70e9 },
      image: 'runpod/pytorch:2.8.0-py3.11-cuda12.8.1',
      region: 'EU-RO-1',
      startedAt: Date.UTC(2026, 6, 12, 19, 14, 40, 144),
      contractEndsAt: null,
      perHour: 0.69,
      storagePerHour: null,
      currency: 'USD',
      ssh: { user: 'root', host: '203.0.113.119', port: 10_341 },
    })
    expect(others.map(({ id, status, rawStatus, perHour, ssh }) => [id, status, rawStatus, perHour, ssh])).toEqual([
      ['starting1', 'loading', 'RUNNING', 0.4, null],
      ['webonly1', 'running', 'RUNNING', 0.4, null],
      ['stopped1', 'stopped', 'EXITED', 0.2, null],
      ['gone1', 'gone', 'TERMINATED', null, null],
      ['odd1', 'unknown', 'HIBERNATING', null, null],
      ['empty1', 'unknown', null, null, null],
    ])
    expect(asked[0]).toMatchObject({ line: 'GET /v1/pods?includeMachine=true', authorization: `Bearer ${key}` })
  })

  it('are found one by one, or not', async () => {
    answers['GET /v1/pods/abc'] = { text: '{"id": "abc", "desiredStatus": "EXITED"}' }
    expect(await runpod.get('abc')).toMatchObject({ id: 'abc', status: 'stopped' })
    expect(await runpod.get('abd')).toBeNull()
    await expect(runpod.get('../user')).rejects.toMatchObject({ kind: 'notFound' })
  })

  it('are started, stopped and destroyed; one that is gone need not be destroyed', async () => {
    answers['POST /v1/pods/abc/start'] = { text: '{}' }
    answers['POST /v1/pods/abc/stop'] = { text: '' }
    answers['DELETE /v1/pods/abc'] = { status: 204, text: '' }
    await runpod.start('abc')
    await runpod.stop('abc')
    await runpod.destroy('abc')
    await runpod.destroy('abd')
    await expect(runpod.stop('abd')).rejects.toMatchObject({ kind: 'notFound' })
    expect(asked.slice(0, 3).map(({ line }) => line)).toEqual([
      'POST /v1/pods/abc/start',
      'POST /v1/pods/abc/stop',
      'DELETE /v1/pods/abc',
    ])
  })

  it('are rented from an offer of the catalogue, their data on the disk that stays', async () => {
    answers['GET /v2/catalog/gpus'] = { text: recorded('runpod-gpus') }
    answers['POST /v1/pods'] = { status: 201, text: '{"id": "new1"}' }
    const offers = await runpod.search({ limit: 10 })
    expect(offers.map(({ id, perHour }) => [id, perHour])).toEqual([
      ['COMMUNITY/1/NVIDIA GeForce RTX 4090', 0.31],
      ['SECURE/1/NVIDIA A40', 0.4],
      ['SECURE/1/NVIDIA GeForce RTX 4090', 0.44],
    ])
    const [pair] = await runpod.search({ gpuName: 'geforce rtx4090', gpuCountMin: 2, perHourMax: 1, limit: 10 })
    expect(pair).toMatchObject({
      id: 'SECURE/2/NVIDIA GeForce RTX 4090',
      gpuCount: 2,
      gpuMemoryBytes: 24e9,
      perHour: 0.88,
    })
    const order = { image: 'a/b', diskGb: 40, label: null, onStart: null, sshKeys: ['ssh-ed25519 A', 'ssh-ed25519 B'] }
    expect(await runpod.create({ offerId: pair?.id ?? '', ...order })).toBe('new1')
    expect(asked.at(-1)?.body).toMatchObject({
      cloudType: 'SECURE',
      gpuTypeIds: ['NVIDIA GeForce RTX 4090'],
      gpuCount: 2,
      volumeInGb: 40,
      volumeMountPath: '/workspace',
      env: { PUBLIC_KEY: 'ssh-ed25519 A\nssh-ed25519 B' },
    })
    await expect(runpod.create({ offerId: '7', ...order })).rejects.toMatchObject({ kind: 'refused' })
    const scripted = { ...order, offerId: 'SECURE/1/NVIDIA A40', onStart: 'echo' }
    await expect(runpod.create(scripted)).rejects.toMatchObject({ kind: 'unable' })
  })
})

it('what was billed comes by the hour, for long spans by the day', async () => {
  const records = [
    { amount: 1.5, diskSpaceBilledGb: 50, podId: 'abc', time: '2026-08-29T19:00:00Z', timeBilledMs: 3_600_000 },
    { amount: 2, time: '2026-08-29T19:00:00Z' },
    null,
  ]
  answers['GET /v1/billing/pods'] = { text: JSON.stringify(records) }
  const from = Date.UTC(2026, 7, 29)
  expect(await runpod.charges({ from, until: from + 86_400_000 })).toEqual([
    { instanceId: 'abc', from: from + 19 * 3_600_000, until: from + 20 * 3_600_000, amount: 1.5, currency: 'USD' },
  ])
  await runpod.charges({ from, until: from + 30 * 86_400_000 })
  expect(asked.map(({ line }) => /bucketSize=(\w+)/.exec(line)?.[1])).toEqual(['hour', 'day'])
})

it('what it cannot do it says before anybody asks, and then', async () => {
  expect([...runpod.can]).toEqual(['start', 'stop', 'destroy', 'search', 'create', 'charges'])
  await expect(runpod.label('abc', 'x')).rejects.toMatchObject({ kind: 'unable' })
  await expect(runpod.readLog('abc', 5)).rejects.toMatchObject({ kind: 'unable' })
  expect(asked).toEqual([])
})

it.each<[Answer, Partial<ProviderError>]>([
  [{ status: 401, text: '{"title":"Unauthorized","detail":"missing bearer token"}' }, { kind: 'denied' }],
  [
    { status: 429, text: 'slow down' },
    { kind: 'busy', retryAfterMs: null },
  ],
  [
    { status: 400, text: '[{"error":"bad","problem":"x"}]' },
    { kind: 'refused', message: 'RunPod refuses this (400). It says: x' },
  ],
  [{ status: 500, text: '' }, { kind: 'broken' }],
  [{ text: '<html>' }, { kind: 'broken' }],
  [{ text: '{"pods": []}' }, { kind: 'broken' }],
])('the answer %j has its kind of error', async (answer, expected) => {
  answers['GET /v1/pods'] = answer
  await expect(runpod.list()).rejects.toMatchObject(expected)
})

it('nothing of the key, or of what stands in the environment of pods, is in facts, errors or the driver', async () => {
  answers['GET /v1/pods'] = { text: recorded('runpod-pods') }
  const seen: unknown[] = [runpod, await runpod.list()]
  for (const text of [recorded('runpod-pods').slice(0, -10), JSON.stringify({ message: key })]) {
    answers['GET /v1/pods'] = { status: text.startsWith('{') ? 400 : 200, text }
    seen.push(await runpod.list().catch((error: unknown) => error))
  }
  const dump = inspect(seen, { depth: 20, showHidden: true })
  expect(dump).toContain('[key]')
  expect(dump).not.toContain(key)
  expect(dump).not.toContain('token-of-no-pod')
})
