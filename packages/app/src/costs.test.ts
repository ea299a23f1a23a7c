import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let folder: string
let server: RunningServer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-costs-'))
  const settings = { port: 0, logLevel: 'silent' as const }
  server = (await startServer({ dataFolder: folder, version, settings }, makeTestWorld().world)).server
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

async function cli(...args: string[]) {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder })
  return { code: await runCli(args, world, version), out: stdout.text(), err: stderr.text() }
}

it('costs say what is missing where nobody set rates, and are JSON for scripts', async () => {
  expect(await cli('costs')).toMatchObject({ code: 0, out: expect.stringMatching(/^Nobody has said/) as string })
  const { out } = await cli('costs', '--by', 'target', '--since', '7d', '--json')
  expect(JSON.parse(out)).toMatchObject({ now: { currencies: [] }, history: { by: 'target', groups: [] } })
})

it('a budget is set, listed, changed under its name and removed', async () => {
  expect((await cli('budgets')).out).toMatch(/^No budget yet/)
  expect((await cli('budgets', 'set', 'lab', '100', 'usd', '--project', 'vision', '--at', '90')).out).toMatch(
    /^BUDGET.*\nlab +project vision +month +\$0\.00 +\$100\.00 +0 +tell\n$/,
  )
  await cli('budgets', 'set', 'lab', '50', 'usd', '--period', 'day', '--action', 'stop')
  const { budgets } = JSON.parse((await cli('budgets', 'list', '--json')).out) as { budgets: unknown[] } // what it prints
  expect(budgets).toMatchObject([{ name: 'lab', scope: 'all', amount: 50, period: 'day', action: 'stop' }])
  expect(await cli('budgets', 'remove', 'lab')).toMatchObject({ code: 0, out: 'The budget lab is deleted.\n' })
})

it('a budget of two things, or for a channel that there is not, is refused with what to do', async () => {
  const two = await cli('budgets', 'set', 'x', '1', 'usd', '--project', 'a', '--job', 'b')
  expect(two).toMatchObject({ code: 2, err: expect.stringContaining('Name one of --project, --job') as string })
  const lost = await cli('budgets', 'set', 'x', '1', 'usd', '--channel', 'nowhere')
  expect(lost.err).toContain('There is no channel «nowhere».')
})
