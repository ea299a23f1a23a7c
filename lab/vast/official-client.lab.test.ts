/** The stand-in for vast.ai against the official Python client, and our driver against the same: both read the same of it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openVast, type Provider } from '../../packages/fleet/src/index.ts'
import { runVastClient } from './run-vast-client.ts'
import { startVastStandIn, type VastStandIn } from './start-vast-stand-in.ts'
import { makeChargeRow, makeEmptyRow, makeInstanceRow, makeOfferRow, type Row } from './vast-rows.ts'

let standIn: VastStandIn
let vast: Provider
let home: string
beforeEach(async () => {
  standIn = await startVastStandIn()
  vast = openVast({ key: standIn.key, url: standIn.url, pauseMs: 20 })
  home = mkdtempSync(join(tmpdir(), 'ph-vast-'))
})
afterEach(async () => {
  await standIn.close()
  rmSync(home, { recursive: true })
})

async function ask(...args: string[]): Promise<string> {
  return (await runVastClient(standIn, args, { home })).stdout
}
async function askRows(...args: string[]): Promise<Row[]> {
  return JSON.parse(await ask(...args, '--raw')) as Row[] // lists of objects
}

test('client and driver list the same machines, over several pages, with their state, price and address', async () => {
  for (let id = 30_007_000; id < 30_007_060; id += 1) standIn.world.add(makeInstanceRow(id))
  standIn.world.change(30_007_003, { actual_status: 'exited', intended_status: 'stopped', ports: {} })
  standIn.world.add(makeEmptyRow(30_009_000))
  const rows = await askRows('show', 'instances')
  const facts = await vast.list()
  expect(rows).toHaveLength(61)
  expect(facts.map(({ id, rawStatus, label, perHour }) => [Number(id), rawStatus, label, perHour])).toEqual(
    rows.map((row) => [row['id'], row['actual_status'], row['label'], row['dph_total']]),
  )
  for (const id of ['30007002', '30007003']) {
    const found = facts.find((one) => one.id === id)
    const { user, host, port } = found?.ssh ?? { user: '', host: '', port: 0 }
    expect(`ssh://${user}@${host}:${port}`).toBe((await ask('ssh-url', id)).trim())
  }
  expect(await vast.get('30007002')).toEqual(facts[2])
  expect(JSON.parse(await ask('show', 'instance', '30007002', '--raw'))).toMatchObject({ id: 30_007_002 })
})

test('client and driver find the same offers, and rent them', async () => {
  standIn.world.offers.set(5, makeOfferRow(5))
  standIn.world.offers.set(6, makeOfferRow(6, { dph_total: 0.9 }))
  standIn.world.offers.set(7, makeOfferRow(7, { gpu_name: 'A100 SXM4', dph_total: 1.1, num_gpus: 2 }))
  standIn.world.offers.set(8, makeOfferRow(8, { dph_total: 0.2, rentable: false }))
  const rows = await askRows('search', 'offers', 'gpu_name=RTX_4090 dph_total<=1', '-o', 'dph_total')
  const found = await vast.search({ gpuName: 'rtx 4090', perHourMax: 1, limit: 10 })
  expect(found.map(({ id, perHour }) => [Number(id), perHour])).toEqual(
    rows.map((row) => [row['id'], row['dph_total']]),
  )
  expect(found.map(({ id }) => id)).toEqual(['5', '6'])
  const order = { image: 'pytorch/pytorch', diskGb: 40, label: 'mine', onStart: null, sshKeys: ['ssh-ed25519 AAAA me'] }
  const mine = await vast.create({ offerId: '5', ...order })
  const options = ['--image', 'pytorch/pytorch', '--disk', '40', '--label', 'theirs', '--ssh', '--direct', '--raw']
  const theirs: unknown = JSON.parse(await ask('create', 'instance', '6', ...options))
  expect(theirs).toEqual({ success: true, new_contract: Number(mine) + 1 })
  expect(standIn.world.sshKeys.get(Number(mine))).toEqual(['ssh-ed25519 AAAA me'])
  const [ours, other] = standIn.asked.filter(({ path }) => path.startsWith('/api/v0/asks/'))
  expect(ours?.body).toMatchObject({ runtype: other?.body['runtype'], image: other?.body['image'], disk: 40 })
  expect(await vast.get(mine)).toMatchObject({ label: 'mine', status: 'created', gpuName: 'RTX 4090' })
  await expect(vast.create({ offerId: '5', ...order })).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('no_such_ask'),
  })
})

test('client and driver stop, start, label and destroy, by the same requests', async () => {
  for (const id of [1_001, 1_002]) standIn.world.add(makeInstanceRow(id))
  await ask('stop', 'instance', '1001')
  await vast.stop('1002')
  standIn.world.advance()
  expect((await vast.list()).map(({ status, rawStatus }) => [status, rawStatus])).toEqual([
    ['stopped', 'exited'],
    ['stopped', 'exited'],
  ])
  await ask('start', 'instance', '1001')
  await vast.start('1002')
  await ask('label', 'instance', '1001', 'a new name')
  await vast.label('1002', 'a new name')
  standIn.world.advance()
  const after = await vast.list()
  expect(after.map(({ status, label }) => [status, label])).toEqual(Array(2).fill(['running', 'a new name']))
  await ask('destroy', 'instance', '1001', '-y')
  await vast.destroy('1002')
  await vast.destroy('1002')
  expect(await vast.list()).toEqual([])
  const changes = standIn.asked.filter(({ method }) => method !== 'GET')
  const told = (id: string) =>
    changes.flatMap(({ method, path, body }) => (path.endsWith(id) ? [`${method} ${JSON.stringify(body)}`] : []))
  expect(told('1002')).toEqual([...told('1001'), 'DELETE {}'])
})

test('client and driver read the same log and the same charges, and are refused alike', async () => {
  standIn.world.add(makeInstanceRow(1_001))
  standIn.world.logs.set(1_001, 'epoch 1\nepoch 2\nepoch 3\n')
  expect((await ask('logs', '1001', '--tail', '2')).trim().split('\n')).toEqual(await vast.readLog('1001', 2))
  const start = 1_764_460_800
  for (let day = 0; day < 150; day += 1)
    standIn.world.charges.push(
      makeChargeRow(1_001, { start: start + day * 86_400, end: start + (day + 1) * 86_400, amount: 11.2 }),
    )
  const span = ['-s', String(start), '-e', String(start + 200 * 86_400)]
  const theirs = JSON.parse(await ask('show', 'invoices-v1', '--charges', '-ct', 'instance', ...span, '--raw')) as {
    total: number
  } // its counts
  const ours = await vast.charges({ from: start * 1_000, until: (start + 200 * 86_400) * 1_000 })
  expect(ours).toHaveLength(theirs.total)
  expect(ours[1]).toEqual({
    instanceId: '1001',
    from: (start + 86_400) * 1_000,
    until: (start + 2 * 86_400) * 1_000,
    amount: 11.2,
    currency: 'USD',
  })
  const other = { home, key: 'another' }
  const refused = await runVastClient(standIn, ['show', 'instances', '--raw'], other)
  expect(JSON.parse(refused.stderr)).toMatchObject({ status_code: 401 })
  await expect(openVast({ key: 'another', url: standIn.url }).list()).rejects.toMatchObject({ kind: 'denied' })
})
