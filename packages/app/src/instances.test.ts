/** Commands about rented machines against a real server and the stand-in for the API of vast.ai. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RentedInstance } from '@pilothouse/contract'
import { PilothouseError } from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startVastStandIn, type VastStandIn } from '../../../lab/vast/start-vast-stand-in.ts'
import { makeInstanceRow, makeOfferRow, tellTaleToken } from '../../../lab/vast/vast-rows.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { startContractServer } from './test-contract-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let folder: string
let server: RunningServer
let standIn: VastStandIn
const printed: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-instances-'))
  standIn = await startVastStandIn()
  const settings = { port: 0, logLevel: 'silent' as const }
  server = (await startServer({ dataFolder: folder, version, settings }, makeTestWorld().world)).server
})
afterEach(() => {
  for (const secret of [standIn.key, tellTaleToken]) expect(printed.join('\n')).not.toContain(secret)
})
afterAll(async () => {
  await server.close()
  await standIn.close()
  rmSync(folder, { recursive: true })
})

type Given = { answer?: string; input?: string; environment?: Record<string, string>; home?: string; width?: number }

async function cli(line: string, { answer, input, environment, home, width }: Given = {}) {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder, ...environment }, answer, input)
  const own = { ...world, home: home ?? folder, stdout: { ...stdout, width: () => width ?? 160 } }
  const code = await runCli(line.split(' '), own, version)
  printed.push(stdout.text(), stderr.text())
  return { code, out: stdout.text(), err: stderr.text() }
}

async function list(options = ''): Promise<RentedInstance[]> {
  const { out } = await cli(`instances${options} --json`)
  return (JSON.parse(out) as { instances: RentedInstance[] }).instances // what it prints
}

it('without an account both say how one is made known', async () => {
  for (const line of ['instances', 'providers'])
    expect(await cli(line)).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('pilothouse providers add') as string,
    })
  expect(await cli('instances offers')).toMatchObject({ code: 5 })
  expect(await cli('instances show llama-box')).toMatchObject({
    code: 5,
    err: expect.stringContaining('None is known') as string,
  })
})

it('a key comes from a file, from standard input or from where its client keeps it, and goes to no other address unasked', async () => {
  const add = `providers add vast lab --api ${standIn.url}`
  expect(await cli(add)).toMatchObject({ code: 2, err: expect.stringContaining('no other address') as string })
  expect(await cli(`${add} --ask-key`)).toMatchObject({ code: 2 })
  expect(await cli(`${add} --ask-key --key-file -`)).toMatchObject({ code: 2 })
  expect(await cli(`${add} --key-file ${folder}/none`)).toMatchObject({ code: 5 })
  expect(await cli('providers add runpod x')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/RUNPOD_API_KEY, .*config\.toml have none/) as string,
  })
  expect(await cli('providers add elsewhere x')).toMatchObject({ code: 2 })
  for (const id of [1_001, 1_002, 1_003])
    standIn.world.add(
      makeInstanceRow(id, { label: id === 1_001 ? 'llama-box' : 'twin', start_date: 1, end_date: null }),
    )
  const piped = await cli(`${add} --key-file -`, { input: `${standIn.key}\n` })
  expect(piped).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/\nlab +vast +● answers/) as string })
  expect(await cli(`${add} --key-file -`, { input: standIn.key })).toMatchObject({ code: 1 })
  expect(await cli('providers remove lab')).toMatchObject({ code: 0, out: expect.stringContaining('billed') as string })
  const path = join(folder, 'key')
  writeFileSync(path, standIn.key)
  expect(await cli(`${add} --key-file ${path}`)).toMatchObject({ code: 0 })
  expect((await cli('providers --json')).out).toContain('"lab"')
})

it('machines are listed with what they do and cost, also in 80 columns, and are filtered', async () => {
  const { code, out } = await cli('instances')
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/^ID +STATUS .*\n1001 +● running +RTX 4090 .* llama-box +no job\n/),
  ])
  const narrow = (await cli('instances', { width: 80 })).out
  expect(narrow).toContain('\n  llama-box · no job\n')
  expect(Math.max(...narrow.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
  expect(await list()).toHaveLength(3)
  expect(await list(' --status running --account lab --gpu 4090')).toHaveLength(3)
  expect(await list(' --gpu h100')).toEqual([])
  expect((await cli('instances --account other')).out).toBe('No rented machine matches.\n')
})

it('one is shown by its id, label, target or account, and a word that means several or none is refused', async () => {
  for (const word of ['1001', 'llama-box', 'lab/1001'])
    expect(await cli(`instances show ${word}`)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^● running vast 1001 llama-box\n {2}account +lab \(vast\)\n/) as string,
    })
  expect(await cli('instances show twin-1003')).toMatchObject({ code: 0 })
  expect(await cli('instances stop twin --yes')).toMatchObject({
    code: 2,
    err: expect.stringContaining('lab/1002, lab/1003') as string,
  })
  expect(await cli('instances show 77')).toMatchObject({
    code: 5,
    err: expect.stringContaining('vast 1001 (llama-box)') as string,
  })
  standIn.world.logs.set(1_001, 'epoch 1\nloss \u001B[31m2.31\n')
  const log = await cli('instances log llama-box --lines 1')
  expect(log.out).toContain('2.31')
  expect(log.out).not.toContain('\u001B')
})

it('what an order does is told before it is given, and without a yes nothing is', async () => {
  const asked = standIn.asked.length
  expect(await cli('instances destroy llama-box')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/destroy vast 1001 \(llama-box\).*\n.*cannot be taken back[^]*--yes/) as string,
  })
  expect(await cli('instances destroy llama-box', { answer: 'no' })).toMatchObject({ code: 1 })
  expect(await cli('instances destroy llama-box 77 --yes')).toMatchObject({ code: 5 })
  expect(standIn.asked.slice(asked).filter(({ method }) => method !== 'GET')).toEqual([])
  expect(await cli('instances stop 1001', { answer: 'y' })).toMatchObject({
    code: 0,
    out: 'vast 1001 (llama-box) was told to stop.\n',
  })
  expect(await cli('instances start 1001 --yes --json')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\{"instances":\[\{"id":.*"failures":\[\]\}\n$/) as string,
  })
  expect(await cli('instances label 1001 newer')).toMatchObject({ code: 0, out: 'vast 1001 (newer) has its label.\n' })
  expect(await cli('instances stop-when-done 1001')).toMatchObject({
    code: 1,
    err: expect.stringContaining('No job runs') as string,
  })
  expect(await cli('instances stop-when-done 1001 --off')).toMatchObject({ code: 0 })
  expect(await cli('instances destroy 1003 --yes')).toMatchObject({ code: 0 })
  expect(await list()).toHaveLength(2)
  expect((await cli('instances')).out).toContain('1 that went lately is not shown')
  expect(await list(' --gone')).toHaveLength(3)
})

it('an offer is found and rented', async () => {
  standIn.world.offers.set(5, makeOfferRow(5, { dph_total: 0.41 }))
  standIn.world.offers.set(6, makeOfferRow(6, { dph_total: 2 }))
  const found = (await cli('instances offers --account lab --gpu 4090 --per-hour-max 0.5')).out
  expect(found).toMatch(/^OFFER .*\n5 +1 × RTX 4090 .*\$0\.41 .*\n$/)
  expect(await cli('instances rent 5')).toMatchObject({ code: 2 })
  expect(await cli('instances rent 5 --image pytorch/pytorch')).toMatchObject({ code: 2 })
  writeFileSync(join(folder, 'private'), '-----BEGIN OPENSSH PRIVATE KEY-----')
  const rent = 'instances rent 5 --image pytorch/pytorch --label fresh'
  expect(await cli(`${rent} --yes --ssh-key ${folder}/private`)).toMatchObject({ code: 2 })
  expect(await cli(rent, { answer: 'y' })).toMatchObject({
    code: 0,
    out: expect.stringContaining('is rented') as string,
  })
})

it('who may only look lists machines and is refused the rest', async () => {
  const token = (await cli('token create --role viewer')).out.trim()
  const environment = { PILOTHOUSE_URL: server.url, PILOTHOUSE_TOKEN: token }
  expect(await cli('instances', { environment })).toMatchObject({ code: 0 })
  for (const line of ['providers', 'instances stop 1001 --yes', 'instances label 1001 x', 'instances offers'])
    expect(await cli(line, { environment })).toMatchObject({ code: 4 })
})

it('a provider that fails leaves what was last seen, and says since when and why', async () => {
  standIn.fault = { kind: 'answer', status: 401, text: '{}' }
  expect(await cli('providers check lab')).toMatchObject({
    code: 1,
    out: expect.stringContaining('✗ denied') as string,
  })
  expect(await cli('instances')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/\n1001 [^]*\nlab: .*What is shown is what was last seen; so for /) as string,
  })
  standIn.fault = null
  expect(await cli('providers check lab')).toMatchObject({ code: 0 })
})

it('a refusal because of reports that have not come names what forces it', async () => {
  const [instance] = await list()
  const refusing = await startContractServer({
    'instances.list': () => ({ instances: [instance] }),
    'instances.order': () => {
      throw new PilothouseError('conflict', 'Reports of jobs on «llama-box» could not be fetched.', {
        field: 'force',
        hint: 'It does not answer.',
      })
    },
  })
  const environment = { PILOTHOUSE_URL: refusing.url, PILOTHOUSE_TOKEN: 'x' }
  expect(await cli('instances stop 1001 --yes', { environment })).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/could not be fetched[^]*--force/) as string,
  })
  await cli('instances stop 1001 --yes --force', { environment })
  expect(refusing.calls.at(-1)?.body).toEqual({ action: 'stop', force: true })
  await refusing.close()
})
