import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ImportAnswer } from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let folder: string
let server: RunningServer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-import-'))
  const settings = { port: 0, webFolder: null, logLevel: 'silent' as const }
  const started = await startServer({ dataFolder: join(folder, 'data'), version, settings }, makeTestWorld().world)
  server = started.server
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

async function runImport(...args: string[]) {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: server.dataFolder })
  const code = await runCli(['import', ...args], world, version)
  return { code, out: stdout.text(), err: stderr.text() }
}

function makeFile(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

it('tells what came, what the file lacks and what is wrong in it, and the same again is unchanged', async () => {
  const path = makeFile('past-jobs.json', {
    past: [
      { uid: 'cli-one', status: 'completed', startTime: '2025-01-01T00:00:00Z', duration: '1h' },
      { uid: 'cli-two', status: 'failed', endTime: 'soon \u001B[31m', startTime: '2025-01-02T00:00:00Z' },
    ],
  })
  expect(await runImport(path, '--dry-run')).toMatchObject({
    code: 0,
    out: expect.stringContaining('past-jobs.json: 2 imported, if it were not a dry run\n'),
  })
  expect(await runImport(path)).toEqual({
    code: 0,
    out: [
      'past-jobs.json: 2 imported',
      '  not in the file: curves (2), stages (2), log (2), the end (1)',
      '  ! past[1]: endTime is «soon ».',
      '      expected: a time that has passed: ISO 8601 as 2026-01-31T12:00:00Z, or seconds or ms since 1970',
      '',
    ].join('\n'),
    err: '',
  })
  expect((await runImport(path)).out).toContain('past-jobs.json: 2 unchanged\n')
})

it('sends a long file in parts, and names places as they stand in the file', async () => {
  const jobs = Array.from({ length: 1_203 }, (_, at) => ({ uid: `many-${at}`, status: at === 1_202 ? '?' : 'done' }))
  const { code, out } = await runImport('--json', makeFile('many.json', jobs))
  const { counts, problems } = JSON.parse(out) as ImportAnswer // what --json prints
  expect({ code, counts }).toEqual({ code: 0, counts: { imported: 1_203, updated: 0, unchanged: 0, refused: 0 } })
  expect(problems.map(({ place, field }) => [place, field])).toEqual([['[1202]', 'status']])
})

it('takes the good jobs of a bad file, and ends with 1', async () => {
  const deep = `${'['.repeat(60_000)}${']'.repeat(60_000)}`
  const wide = 'x'.repeat(9 * 1024 * 1024)
  const entries = [`{"uid": "deep-job", "config": ${deep}}`, `{"uid": "wide-job", "notes": "${wide}"}`, '7']
  const path = makeFile('bad.json', `[${entries.join()}, {"uid": "good-job", "status": "done"}]`)
  const { code, out } = await runImport(path, '--json')
  const { jobs } = JSON.parse(out) as ImportAnswer // what --json prints
  expect(code).toBe(1)
  expect(Object.fromEntries(jobs.map(({ place, outcome }) => [place, outcome]))).toEqual({
    '[0]': 'refused',
    '[1]': 'refused',
    '[2]': 'refused',
    '[3]': 'imported',
  })
})

it('says of a file why it cannot be imported, and goes on with the others', async () => {
  const broken = makeFile('broken.json', '[{"uid": "a"')
  const good = makeFile('good.json', [{ uid: 'after-all', status: 'done' }])
  const huge = makeFile('huge.json', '[]')
  truncateSync(huge, 200 * 1024 * 1024)
  const { code, out, err } = await runImport(
    broken,
    join(folder, 'absent.json'),
    makeFile('empty.json', {}),
    huge,
    good,
  )
  expect(code).toBe(1)
  expect(out).toContain('good.json: 1 imported')
  expect(err).toContain('broken.json cannot be imported')
  expect(err).toContain('It must be valid JSON')
  expect(err).toContain('absent.json cannot be imported')
  expect(err).toContain('There are no jobs in')
  expect(err).toContain('huge.json is too large to be imported')
  expect(await runImport(broken)).toMatchObject({ code: 1, out: '' })
})
