/** Against the lab's stand-in, which is checked with the official client. */
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  startVastStandIn,
  tooOften,
  type VastFault,
  type VastStandIn,
} from '../../../../lab/vast/start-vast-stand-in.ts'
import { makeEmptyRow, makeInstanceRow, makeOfferRow, tellTaleToken } from '../../../../lab/vast/vast-rows.ts'
import { askJson } from './ask-json.ts'
import { openVast } from './open-vast.ts'
import { type Provider, providerAbilities, type ProviderError } from './provider.ts'

let standIn: VastStandIn
let vast: Provider
beforeEach(async () => {
  standIn = await startVastStandIn()
  vast = openVast({ key: standIn.key, url: standIn.url, pauseMs: 5 })
})
afterEach(() => standIn.close())

function answer(status: number, text: string, headers: Record<string, string> = {}): VastFault {
  return { kind: 'answer', status, text, headers }
}

describe('a list', () => {
  it('of 500 machines comes in pages of 25, each machine once', async () => {
    for (let id = 1; id <= 500; id += 1) standIn.world.add(makeInstanceRow(id))
    const facts = await vast.list()
    expect(facts.map(({ id }) => Number(id))).toEqual(Array.from({ length: 500 }, (_, at) => at + 1))
    expect(standIn.asked).toHaveLength(20)
    expect(new Set(standIn.asked.map(({ query }) => query.get('limit')))).toEqual(new Set(['25']))
  })

  it('that was begun is brought to its end, where the provider is asked too often in between', async () => {
    for (let id = 1; id <= 60; id += 1) standIn.world.add(makeInstanceRow(id))
    standIn.faults.push(null, tooOften, tooOften)
    expect(await vast.list()).toHaveLength(60)
    expect(standIn.asked).toHaveLength(5)
  })

  it('whose next page is this page again comes to an end', async () => {
    standIn.fault = answer(200, JSON.stringify({ instances: [makeInstanceRow(1)], next_token: 'again' }))
    expect(await vast.list()).toHaveLength(1)
    expect(standIn.asked).toHaveLength(2)
  })

  it('has a machine that vanished and came back', async () => {
    for (const id of [1, 2]) standIn.world.add(makeInstanceRow(id))
    standIn.world.hide(1)
    expect((await vast.list()).map(({ id }) => id)).toEqual(['2'])
    expect(await vast.get('1')).toBeNull()
    standIn.world.bringBack(1)
    expect(await vast.list()).toHaveLength(2)
    expect(await vast.get('1')).toMatchObject({ id: '1', status: 'running' })
  })
})

describe('a machine', () => {
  it('is read with bytes, milliseconds and an address', async () => {
    standIn.world.add(makeInstanceRow(30_007_012))
    expect(await vast.list()).toEqual([
      {
        provider: 'vast',
        id: '30007012',
        label: 'train-12',
        status: 'running',
        rawStatus: 'running',
        statusText: 'success, running pytorch/pytorch_2.8.0/ssh',
        gpuName: 'RTX 4090',
        gpuCount: 1,
        gpuUse: 97,
        gpuTemperature: 64,
        gpuMemory: { used: 18.25 * 1024 ** 3, total: 24_564 * 1024 ** 2 },
        cpuUse: 38.5,
        memory: { used: 21.4 * 1_024e6, total: 62.9 * 1_024e6 },
        disk: { used: 31.2e9, total: 80e9 },
        image: 'pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime',
        region: 'Sweden, SE',
        startedAt: 1_764_500_000_250,
        contractEndsAt: 1_767_000_000_000,
        perHour: 0.467,
        storagePerHour: 0.0167,
        currency: 'USD',
        ssh: { user: 'root', host: '198.51.100.20', port: 40_012 },
      },
    ])
  })

  it('of which nothing but its id is known is there, too', async () => {
    standIn.world.add(makeEmptyRow(1))
    standIn.world.add({ id: 2 })
    const facts = await vast.list()
    expect(facts.map(({ id }) => id)).toEqual(['1', '2'])
    for (const one of facts)
      expect(one).toMatchObject({
        status: 'created',
        rawStatus: null,
        gpuCount: 0,
        gpuMemory: { used: null, total: null },
        perHour: null,
        ssh: null,
      })
  })

  it('whose fields have other types than they had is read as far as possible', async () => {
    const wrong = { gpu_util: '88.5', num_gpus: '2', dph_total: [1], label: 7, ports: 'none', public_ipaddr: { a: 1 } }
    standIn.world.add(makeInstanceRow(1, { ...wrong, disk_usage: -1, start_date: 'yesterday', actual_status: 4 }))
    expect(await vast.list()).toMatchObject([
      {
        status: 'unknown',
        rawStatus: '4',
        gpuUse: 88.5,
        gpuCount: 2,
        perHour: null,
        label: '7',
        disk: { used: null, total: 80e9 },
        startedAt: null,
        ssh: { host: 'ssh4.vast.example', port: 12_640 },
      },
    ])
  })

  it('whose address could be an option of ssh has none', async () => {
    standIn.world.add(makeInstanceRow(1, { public_ipaddr: '-oProxyCommand=x', ssh_host: 'a b' }))
    expect(await vast.list()).toMatchObject([{ ssh: null }])
  })

  it.each([
    ['running', 'running', 'running'],
    ['frozen', 'running', 'running'],
    ['loading', 'running', 'loading'],
    ['rebooting', 'running', 'loading'],
    ['created', 'running', 'created'],
    [null, 'running', 'created'],
    ['stopped', 'stopped', 'stopped'],
    ['exited', 'stopped', 'stopped'],
    ['exited', 'running', 'exited'],
    ['offline', 'running', 'offline'],
    ['unknown', 'running', 'unknown'],
    ['hibernating', 'running', 'unknown'],
  ])('that is %s, and is to be %s, is %s', async (actual, intended, status) => {
    standIn.world.add(makeInstanceRow(1, { actual_status: actual, intended_status: intended }))
    expect(await vast.list()).toMatchObject([{ status, rawStatus: actual }])
  })
})

describe('what goes wrong', () => {
  it.each<[string, VastFault, Partial<ProviderError>]>([
    ['a refused key', answer(401, '{"msg":"Invalid user key"}'), { kind: 'denied' }],
    ['a missing right', answer(403, '{"msg":"not permitted"}'), { kind: 'denied' }],
    ['a session that is over', answer(404, '{"msg":"Session expired. Please log in again."}'), { kind: 'denied' }],
    ['too many questions', tooOften, { kind: 'busy', retryAfterMs: null }],
    ['the same with a time', answer(429, 'slow down', { 'retry-after': '7' }), { kind: 'busy', retryAfterMs: 7_000 }],
    [
      'the same with a date',
      answer(429, '', { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }),
      { kind: 'busy', retryAfterMs: null },
    ],
    ['a failure there', answer(500, '<html>oops</html>'), { kind: 'broken', message: 'vast.ai failed (500).' }],
    ['a gateway that fails', answer(502, ''), { kind: 'broken' }],
    ['a request it does not take', answer(400, '{"msg":"bad filter"}'), { kind: 'refused' }],
    ['what is no JSON', answer(200, '<html>log in</html>'), { kind: 'broken' }],
    ['another JSON', answer(200, '[1, 2]'), { kind: 'broken' }],
    ['no list', answer(200, '{"instances": null}'), { kind: 'broken' }],
    ['an empty answer', answer(200, ''), { kind: 'broken' }],
    ['a success that is none', answer(200, '{"success": false, "msg": "no"}'), { kind: 'refused' }],
    ['an answer cut short', { kind: 'cut' }, { kind: 'unreachable' }],
  ])('%s has its kind of error', async (_, fault, expected) => {
    standIn.faults.push(fault)
    await expect(vast.list()).rejects.toMatchObject({ name: 'ProviderError', ...expected })
    expect(await vast.list()).toEqual([])
  })

  it('rows that are no objects are left out, those beside them stay', async () => {
    standIn.faults.push(answer(200, JSON.stringify({ instances: [null, 'x', {}, [], makeInstanceRow(1)] })))
    expect((await vast.list()).map(({ id }) => id)).toEqual(['1'])
  })

  it('an answer without end is given up', async () => {
    standIn.faults.push(answer(200, ' '.repeat(9 * 1024 * 1024)))
    await expect(vast.list()).rejects.toMatchObject({ kind: 'broken', message: 'vast.ai answers without end.' })
  })

  it('a connection that nobody takes is unreachable', async () => {
    const gone = openVast({ key: 'k', url: 'http://127.0.0.1:1' })
    await expect(gone.list()).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('REFUSED'),
    })
  })

  it('an answer that does not come in time is unreachable', async () => {
    standIn.fault = { kind: 'hang' }
    const { key, url } = standIn
    const hurried = openVast({ key, url, ask: (request) => askJson({ ...request, timeoutMs: 50 }) })
    const words = 'vast.ai did not answer within 0.05 s.'
    await expect(hurried.list()).rejects.toMatchObject({ kind: 'unreachable', message: words })
  })

  it('the key goes after a redirect of its own host, and to no other', async () => {
    const other = await startVastStandIn()
    standIn.faults.push(answer(307, '', { location: '/api/v1/instances/?limit=1' }))
    expect(await vast.list()).toEqual([])
    standIn.faults.push(answer(302, '', { location: `${other.url}/api/v1/instances/` }))
    await expect(vast.list()).rejects.toMatchObject({ kind: 'broken' })
    standIn.fault = answer(301, '', { location: '/again' })
    await expect(vast.list()).rejects.toMatchObject({ kind: 'broken' })
    expect(other.asked).toEqual([])
    await other.close()
  })

  it('who asks can give up', async () => {
    standIn.fault = { kind: 'hang' }
    const giveUp = new AbortController()
    const asking = vast.list({ signal: giveUp.signal })
    await expect.poll(() => standIn.asked.length).toBe(1)
    giveUp.abort(new Error('enough'))
    await expect(asking).rejects.toThrow('enough')
  })

  it('nothing of the key, or of tokens of machines, is in facts, errors or the driver', async () => {
    standIn.world.add(makeInstanceRow(1))
    const seen: unknown[] = [vast, await vast.list(), await vast.get('1')]
    const broken = `{"instances": [{"jupyter_token": "${tellTaleToken}"`
    const echo = JSON.stringify({ msg: `bad key ${standIn.key}` })
    for (const fault of [
      answer(200, broken),
      answer(401, echo),
      answer(400, echo),
      answer(500, standIn.key),
      tooOften,
    ]) {
      standIn.faults.push(fault)
      seen.push(await vast.list().catch((error: unknown) => error))
    }
    standIn.faults.push(answer(200, JSON.stringify({ success: false, msg: `no ${standIn.key}` })))
    seen.push(await vast.stop('1').catch((error: unknown) => error))
    seen.push(
      await openVast({ key: standIn.key, url: 'http://127.0.0.1:1' })
        .list()
        .catch((error: unknown) => error),
    )
    const dump = inspect(seen, { depth: 20, showHidden: true }) + JSON.stringify(seen)
    expect(dump).toContain('[key]')
    expect(dump).not.toContain(standIn.key)
    expect(dump).not.toContain(tellTaleToken)
  })
})

describe('an order', () => {
  it('for a machine that is gone says so; one that is to be destroyed need not be there', async () => {
    await expect(vast.stop('7')).rejects.toMatchObject({ kind: 'notFound' })
    await expect(vast.label('../users', 'x')).rejects.toMatchObject({ kind: 'notFound' })
    await vast.destroy('7')
  })

  it('for a machine whose key cannot be put there names the machine', async () => {
    standIn.world.offers.set(5, makeOfferRow(5))
    const rented = { offerId: '5', image: 'a/b', diskGb: 10, label: null, onStart: null, sshKeys: ['ssh-ed25519 A'] }
    standIn.faults.push(null, answer(500, ''))
    await expect(vast.create(rented)).rejects.toMatchObject({
      kind: 'broken',
      message: expect.stringContaining('31000000'),
    })
    expect(await vast.list()).toHaveLength(1)
  })

  it('is possible in every way', () => {
    expect([...vast.can]).toEqual([...providerAbilities])
  })
})

it('the last lines of a log come from where it was put, which is not given the key', async () => {
  standIn.world.add(makeInstanceRow(1))
  standIn.world.logs.set(1, `start\n${'old\n'.repeat(50)}10%\r90%\rdone\nlöss\n`)
  expect(await vast.readLog('1', 2)).toEqual(['done', 'löss'])
  const fetched = standIn.asked.filter(({ path }) => path.startsWith('/store/'))
  expect(fetched.map(({ key }) => key)).toEqual([null, null])
})

it('an answer of the documentation is read whole', async () => {
  const text = readFileSync(new URL('recorded/vast-instances.json', import.meta.url), 'utf8')
  standIn.faults.push(answer(200, text))
  expect(await vast.list()).toMatchObject([
    {
      id: '312',
      status: 'running',
      gpuName: 'GTX 1070',
      gpuCount: 2,
      ssh: { host: 'ssh123.vast.example', port: 10_600 },
      perHour: 0.2176,
      memory: { total: 15.71815424 * 1_024e6 },
    },
  ])
})
