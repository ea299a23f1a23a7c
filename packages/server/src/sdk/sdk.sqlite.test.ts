import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { SdkInfo } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { makeWheel } from './make-wheel.ts'
import { readSdk } from './read-sdk.ts'

const run = promisify(execFile)
const sdk = fileURLToPath(new URL('../../../../python', import.meta.url))
const venv = fileURLToPath(new URL('../../../../.cache/venv', import.meta.url))

let test: TestServer
let folder: string
beforeAll(async () => {
  test = await startTestServer()
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-sdk-'))
})
afterAll(async () => {
  await test.close()
  await rm(folder, { recursive: true })
})

async function askInfo(headers = {}): Promise<SdkInfo> {
  const { status, json } = await test.ask('/api/sdk', { headers })
  expect(status).toBe(200)
  return json as SdkInfo // what this route answers with
}

it('the same sources make the same wheel, byte for byte', async () => {
  const [one, other] = [makeWheel(await readSdk(sdk)), makeWheel(await readSdk(sdk))]
  expect(one.bytes.equals(other.bytes)).toBe(true)
  expect(one.fileName).toBe(`pilothouse-${one.version}-py3-none-any.whl`)
})

it('what hatchling builds of the same sources has the same files and says the same of itself', async () => {
  const wheel = makeWheel(await readSdk(sdk))
  const ours = join(folder, wheel.fileName)
  await writeFile(ours, wheel.bytes)
  const out = join(folder, 'hatchling')
  await run(join(venv, 'bin', 'python'), ['-m', 'hatchling', 'build', '-t', 'wheel', '-d', out], { cwd: sdk })
  const [theirs] = await readdir(out)
  const script = `
import sys, zipfile
def read(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = sorted(archive.namelist())
        own = [name for name in names if not name.endswith(("/RECORD", "/WHEEL"))]
        return names, {name: archive.read(name).decode().splitlines() for name in own}
one, other = read(sys.argv[1]), read(sys.argv[2])
assert one[0] == other[0], (one[0], other[0])
for name, lines in one[1].items():
    differences = set(lines) ^ set(other[1][name])
    assert all(line.startswith("Metadata-Version: ") for line in differences), (name, differences)
print(len(one[0]))`
  const { stdout } = await run('python3', ['-c', script, ours, join(out, theirs ?? '')])
  expect(Number(stdout)).toBeGreaterThan(30)
})

it('the line that the server prints installs the SDK where nothing else is, and the record of the wheel is right', async () => {
  const { install, version } = await askInfo({ host: `127.0.0.1:${test.server.port}` })
  await run('python3', ['-m', 'venv', join(folder, 'fresh')])
  const [pip, ...args] = install.split(' ')
  expect(pip).toBe('pip')
  const python = join(folder, 'fresh', 'bin', 'python')
  await run(python, ['-m', 'pip', '--disable-pip-version-check', '--no-cache-dir', ...args, '--no-index'])
  const script = `
import base64, hashlib, importlib.metadata as metadata, pilothouse, pathlib
distribution = metadata.distribution("pilothouse")
assert pathlib.Path(pilothouse.__file__).with_name("py.typed").exists()
for file in distribution.files:
    if file.hash is not None:
        digest = base64.urlsafe_b64encode(hashlib.sha256(file.read_binary()).digest()).rstrip(b"=").decode()
        assert digest == file.hash.value, file
print(distribution.version, pilothouse.__version__, distribution.metadata["License-Expression"])`
  const { stdout } = await run(python, ['-I', '-c', script], { cwd: folder })
  expect(stdout.trim()).toBe(`${version} ${version} Apache-2.0`)
})

it('pip finds the SDK in the index, too', async () => {
  const { version } = await askInfo()
  const index = `http://127.0.0.1:${test.server.port}/sdk/`
  const target = join(folder, 'from-index')
  const options = ['--disable-pip-version-check', '--no-cache-dir', '--no-deps', '--target', target]
  await run(join(venv, 'bin', 'python'), ['-m', 'pip', 'install', ...options, '--index-url', index, 'pilothouse'])
  expect(await readdir(target)).toContain(`pilothouse-${version}.dist-info`)
})

it('the line to copy has the address that the request came by', async () => {
  const { wheel, install } = await askInfo({ host: 'localhost:7000' })
  expect(install).toBe(`pip install http://localhost:7000${wheel.path}`)
  expect((await askInfo({ host: 'localhost', 'x-forwarded-proto': 'https' })).install).toBe(
    `pip install https://localhost${wheel.path}`,
  )
})

it('says what it has when it is asked for another version', async () => {
  const { wheel } = await askInfo()
  const { status, json } = await test.ask('/sdk/pilothouse-9.9.9-py3-none-any.whl')
  expect(status).toBe(404)
  expect(JSON.stringify(json)).toContain(wheel.path.slice('/sdk/'.length))
})

it('a server without the SDK says so', async () => {
  const without = await startTestServer({ sdkFolder: null })
  const { status, json } = await without.ask('/api/sdk')
  expect(status).toBe(404)
  expect(json).toMatchObject({ error: { message: 'This server was started without the Python SDK.' } })
  await without.close()
})

it('the licence of the SDK is the licence of the whole', async () => {
  expect(await readFile(join(sdk, 'LICENSE'), 'utf8')).toBe(await readFile(join(sdk, '..', 'LICENSE'), 'utf8'))
})

it('a project that a wheel made here would misrepresent is refused', async () => {
  const source = await readSdk(sdk)
  const pyproject = source.pyproject.replace('[project]', '[project]\nurls = { home = "x" }')
  expect(() => makeWheel({ ...source, pyproject })).toThrow(/urls/)
})
