/** `pilothouse top` without a terminal, as scripts and services use it. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { topNodeFlags } from '@pilothouse/terminal/top'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startVastStandIn, tooOften, type VastFault } from '../../../../lab/vast/start-vast-stand-in.ts'
import { makeTestWorld } from '../test-world.ts'
import { runTopCommand } from './run-top-command.ts'

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'pilothouse-top-'))
})
afterAll(() => rmSync(home, { recursive: true }))

it('--once --json tells all rows of invented machines, under the ids that were asked for', async () => {
  const { code, out } = await run('--mock', '--instances', '11,12', '--once', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    source: 'mock: invented machines',
    trouble: null,
    rows: [
      { id: 'mock:11', gpuName: 'RTX 4090', lossKey: 'loss', costIs: 'estimate' },
      { id: 'mock:12', gpuName: 'A100 SXM4', lossKey: 'loss' },
    ],
  })
})

it('--once prints a table', async () => {
  const { out } = await run('--mock', '--once')
  expect(out.split('\n')[0]).toMatch(/^ID +NAME +GPU +STATE +HEALTH/)
  expect(out).toMatch(/\n30007012 +invented-1 +RTX 4090 +running +ok /)
})

it('a wrong option is named with those that there are', async () => {
  expect(await run('--intervall', '5')).toEqual({
    code: 2,
    out: '',
    err: expect.stringMatching(/^pilothouse: Unknown option '--intervall'\.\n {2}→ There are --instances, /),
  })
  expect((await run('--help')).out).toContain('Usage: pilothouse top [options]')
})

it.each<[string, VastFault, number, RegExp]>([
  ['a refused key', answerOf(401, '{"msg":"Invalid user key"}'), 4, /refuses the key \(401\)[^]*→ .*VAST_API_KEY/],
  ['too many questions', tooOften, 1, /asked too often \(429\)\. It is asked again later/],
  ['a failure there', answerOf(500, '<html>oops</html>'), 1, /vast\.ai failed \(500\)\./],
  ['what is no JSON', answerOf(200, '<html>log in</html>'), 1, /what is no JSON/],
  ['a list that is none', answerOf(200, '{"instances": 7}'), 1, /something else than a list/],
  ['a connection that breaks', { kind: 'cut' }, 1, /vast\.ai/],
])('--once says what came of %s, and its exit code tells whether a key would help', async (_, fault, exit, words) => {
  const standIn = await startVastStandIn()
  standIn.fault = fault
  const { code, out, err } = await runWith({ VAST_API_KEY: 'k', VAST_URL: standIn.url }, '--all', '--once')
  await standIn.close()
  expect([code, out]).toEqual([exit, ''])
  expect(err).toMatch(words)
})

it('--once with machines of which nothing is known but their ids shows them all the same', async () => {
  const standIn = await startVastStandIn()
  const { key, url } = standIn
  standIn.fault = answerOf(
    200,
    JSON.stringify({
      instances: [
        { id: 1, actual_status: null },
        { id: 2, actual_status: 'dreaming' },
      ],
    }),
  )
  const { code, out } = await runWith({ VAST_API_KEY: key, VAST_URL: url }, '--all', '--once', '--json')
  await standIn.close()
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    rows: [
      { id: 'vast:1', loss: null },
      { id: 'vast:2', state: 'unknown' },
    ],
  })
})

it('--once tells a control room that is away from one that refuses', async () => {
  const away = await run('--url', 'http://127.0.0.1:9', '--token', 'x', '--once')
  expect([away.code, away.err]).toEqual([
    3,
    expect.stringMatching(/127\.0\.0\.1:9[^]*→ Start it with `pilothouse serve`/),
  ])
  const refusing = createServer((_, response) =>
    response.writeHead(401).end('{"error":{"code":"unauthenticated","message":"This token is not known."}}'),
  )
  refusing.listen(0, '127.0.0.1')
  await once(refusing, 'listening')
  const { port } = refusing.address() as AddressInfo // it listens on a port
  const refused = await run('--url', `http://127.0.0.1:${port}`, '--token', 'x', '--once')
  refusing.closeAllConnections()
  refusing.close()
  expect([refused.code, refused.err]).toEqual([4, expect.stringMatching(/token[^]*→ Name another token by --token/)])
})

it('without a key it says where it was looked for', async () => {
  const { code, err } = await run('--all')
  expect(code).toBe(4)
  expect(err).toContain('VAST_API_KEY')
  expect(err).toContain(join(home, '.config', 'vastai', 'vast_api_key'))
  expect(err).toContain('RUNPOD_API_KEY')
})

it('without anything to show it names the ways there are', async () => {
  const { code, err } = await run()
  expect(code).toBe(3)
  for (const way of ['--mock', '--all', 'pilothouse serve']) expect(err).toContain(way)
})

it('both launchers start it with the flags that it was measured with', () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
  expect(read('../../bin/pilothouse')).toContain(`flags="${topNodeFlags.join(' ')}"`)
  expect(read('../launch.ts')).toContain(`[${topNodeFlags.map((flag) => `'${flag}'`).join(', ')}]`)
})

function answerOf(status: number, text: string): VastFault {
  return { kind: 'answer', status, text }
}

function run(...args: string[]): ReturnType<typeof runWith> {
  return runWith({}, ...args)
}

async function runWith(
  environment: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const { world, stdout, stderr } = makeTestWorld()
  const code = await runTopCommand(args, { ...world, home, environment }, process)
  return { code, out: stdout.text(), err: stderr.text() }
}
