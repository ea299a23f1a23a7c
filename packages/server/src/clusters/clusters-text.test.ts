/** `clusters.yaml` changed over HTTP, on a real file system. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClusterList, type ClustersText, type ClustersTextCheck, limits } from '@pilothouse/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { askDatabase, makeTestDatabase, type TestDatabase } from '../storage/test-database.ts'

let test: TestServer
let database: TestDatabase
let folder: string
let dataFolder: string
let file: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-clusters-text-'))
  dataFolder = join(folder, 'data')
  file = join(folder, 'kept', 'clusters.yaml')
  database = await makeTestDatabase()
  const databaseUrl = database.url ?? null
  test = await startTestServer({ clustersFile: file, dataFolder, databaseUrl })
})
beforeEach(() => {
  rmSync(join(folder, 'kept'), { recursive: true, force: true })
  mkdirSync(join(folder, 'kept'))
})
afterAll(async () => {
  await test.close()
  await database.remove()
  rmSync(folder, { recursive: true })
})

const path = '/api/clusters-file'
const one = '# Ours.\nclusters:\n  - name: dgx   # the large one\n    host: ssh://nobody@127.0.0.1:1\n'
const two = `${one}  - { name: here, host: local }\n`
/** What lies in the folder of the file. */
const listKept = (): string[] => readdirSync(join(folder, 'kept')).toSorted()

async function read(): Promise<ClustersText> {
  const { status, json, text } = await test.ask(path, { token: test.tokens.admin })
  expect(status, text).toBe(200)
  return json as ClustersText // what the route answers with
}

type Refusal = { error: { message: string; hint: string; field?: string } }
async function save(text: string, seen: string | null): Promise<{ status: number; json: ClustersText & Refusal }> {
  const { status, json } = await test.ask(path, { method: 'PUT', token: test.tokens.admin, body: { text, seen } })
  return { status, json: json as ClustersText & Refusal } // one or the other
}

async function check(text: string): Promise<ClustersTextCheck> {
  const { json } = await test.ask(`${path}/check`, { method: 'POST', token: test.tokens.admin, body: { text } })
  return json as ClustersTextCheck // what the route answers with
}

async function listNames(): Promise<string[]> {
  const { json } = await test.ask('/api/clusters', { token: test.tokens.viewer })
  return (json as ClusterList).clusters.map(({ name }) => name) // what the route answers with
}

describe('the text of clusters.yaml', () => {
  it('is written where there was no file, taken up at once, and kept to the letter', async () => {
    expect(await read()).toMatchObject({ path: file, text: null, revision: null, obstacle: null, faults: [] })
    const first = await save(one, null)
    expect(first).toMatchObject({ status: 200, json: { text: one, names: ['dgx'], before: null } })
    expect(readFileSync(file, 'utf8')).toBe(one)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await listNames()).toEqual(['dgx'])
    const second = await save(two, first.json.revision)
    expect(second).toMatchObject({ status: 200, json: { text: two, names: ['dgx', 'here'], before: { text: one } } })
    expect(await listNames()).toEqual(['dgx', 'here'])
    expect(await read()).toEqual(second.json)
    expect(listKept()).toEqual(['clusters.yaml'])
    expect(statSync(join(dataFolder, 'clusters.yaml.before')).mode & 0o777).toBe(0o600)
  })

  it('with a mark of byte order and line ends of another system stays as it is', async () => {
    const foreign = `\uFEFF${one.replaceAll('\n', '\r\n')}`
    writeFileSync(file, foreign)
    const { text, revision, names } = await read()
    expect({ text, names }).toEqual({ text: foreign, names: ['dgx'] })
    expect((await save(`${foreign}# more\r\n`, revision)).status).toBe(200)
    expect(readFileSync(file, 'utf8')).toBe(`${foreign}# more\r\n`)
  })

  it('is checked with lines before it is written, and never written with a mistake', async () => {
    writeFileSync(file, one)
    const wrong = one.replace('host:', 'hots:')
    expect(await check(two)).toEqual({ faults: [], names: ['dgx', 'here'] })
    expect(await check(wrong)).toMatchObject({
      names: [],
      faults: [{ line: 3 }, { line: 4, column: 5, message: expect.stringContaining('Did you mean «host»?') }],
    })
    const { json, status } = await save(wrong, (await read()).revision)
    expect({ status, error: json.error }).toMatchObject({
      status: 400,
      error: { field: 'text', message: expect.stringMatching(/^Line 3, column 5: .* There is more: 2 mistakes\.$/) },
    })
    expect(readFileSync(file, 'utf8')).toBe(one)
    // One that is broken already is shown with what is wrong, and mended.
    writeFileSync(file, wrong)
    const broken = await read()
    expect(broken).toMatchObject({ text: wrong, obstacle: null, faults: [{ line: 3 }, { line: 4 }] })
    expect((await save(one, broken.revision)).status).toBe(200)
  })

  it('that somebody has changed meanwhile is not overwritten, unless it is the one that was seen', async () => {
    expect((await save(one, 'of a file that was never there')).json.error.message).toContain('is not there any more')
    writeFileSync(file, one)
    const { revision } = await read()
    appendFileSync(file, '# theirs\n')
    expect((await save(two, null)).json.error.message).toContain('is there by now')
    const refused = await save(two, revision)
    expect(refused).toMatchObject({ status: 409, json: { error: { message: expect.stringContaining('changed') } } })
    expect(readFileSync(file, 'utf8')).toBe(`${one}# theirs\n`)
    const theirs = await read()
    expect(await save(two, theirs.revision)).toMatchObject({ status: 200, json: { before: { text: theirs.text } } })
    // Of many who have seen the same, one wins.
    const seen = (await read()).revision
    const answers = await Promise.all([1, 2, 3, 4].map(async (number) => save(`${two}# ${number}\n`, seen)))
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 409, 409, 409])
    expect(listKept()).toEqual(['clusters.yaml'])
  })

  it('behind symbolic links is replaced where they lead, with its mode', async () => {
    const real = join(folder, 'kept', 'real.yaml')
    writeFileSync(real, one)
    chmodSync(real, 0o640)
    symlinkSync('real.yaml', join(folder, 'kept', 'next.yaml'))
    symlinkSync(join(folder, 'kept', 'next.yaml'), file)
    expect((await save(two, (await read()).revision)).status).toBe(200)
    expect(readFileSync(real, 'utf8')).toBe(two)
    expect(statSync(real).mode & 0o777).toBe(0o640)
    expect(readlinkSync(file)).toBe(join(folder, 'kept', 'next.yaml'))
    // Nothing is there yet.
    rmSync(real)
    expect((await save(one, null)).status).toBe(200)
    expect(readFileSync(real, 'utf8')).toBe(one)
    expect(listKept()).toEqual(['clusters.yaml', 'next.yaml', 'real.yaml'])
  })

  it.each<[string, () => void, RegExp, string | null]>([
    ['is read-only', () => (writeFileSync(file, one), chmodSync(file, 0o444)), /read-only/, one],
    ['is too large', () => writeFileSync(file, `${one}${'#'.repeat(limits.clustersFileBytesMax)}`), /262144/, null],
    ['is not UTF-8', () => writeFileSync(file, Buffer.from(`${one}# \xfc\n`, 'latin1')), /^Line 5 is not UTF-8/, null],
    ['is a folder', () => mkdirSync(file), /is not a file/, null],
    ['lies in no folder', () => rmSync(join(folder, 'kept'), { recursive: true }), /make it first/, null],
  ])('is left alone where the file %s, and the reason is told', async (_, arrange, reason, shown) => {
    arrange()
    const { text, obstacle, revision } = await read()
    expect(obstacle).toMatch(reason)
    expect(text).toBe(shown)
    const was = existsSync(file) && statSync(file).isFile() ? readFileSync(file) : null
    const { status, json } = await save(two, revision)
    expect({ status, message: json.error.message }).toEqual({ status: 409, message: obstacle })
    if (was !== null) expect(readFileSync(file).equals(was)).toBe(true)
  })

  it('that is too large, or has halves of characters, is refused', async () => {
    const large = `${one}${'#'.repeat(limits.clustersFileBytesMax)}`
    expect((await check(large)).faults).toMatchObject([{ line: 1, message: expect.stringContaining('262144') }])
    expect((await save(large, null)).status).toBe(413)
    expect((await save('#'.repeat(limits.bodyBytesMax), null)).status).toBe(413)
    expect((await save(`${one}# \ud800\n`, null)).json.error).toMatchObject({ field: 'text' })
    expect(existsSync(file)).toBe(false)
  })

  it('is for those who may change clusters, and each change stands in the audit', async () => {
    writeFileSync(file, one)
    for (const role of ['viewer', 'member', 'reporter'] as const) {
      const token = test.tokens[role]
      const asked = [
        test.ask(path, { token }),
        test.ask(path, { method: 'PUT', token, body: { text: two, seen: null } }),
        test.ask(`${path}/check`, { method: 'POST', token, body: { text: two } }),
      ]
      expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([403, 403, 403])
    }
    expect(readFileSync(file, 'utf8')).toBe(one)
    const where = { folder: dataFolder, databaseUrl: database.url }
    const count = async () =>
      (await askDatabase(where, "select id from audit where action like 'clusters.%text'")).length
    const before = await count()
    await check(two)
    const { revision } = await read()
    expect((await save(two, revision)).status).toBe(200)
    expect((await save(one, revision)).status).toBe(409)
    expect((await count()) - before).toBe(1)
  })
})
