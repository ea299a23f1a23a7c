import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer as createListener } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ServerConfig, readConfig } from './config.ts'
import { type RunningServer, createServer } from './create-server.ts'

let base: string
const running: RunningServer[] = []
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'pilothouse-test-'))
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
  await rm(base, { recursive: true, force: true })
})

async function start(name: string, settings: Partial<ServerConfig> = {}): Promise<RunningServer> {
  const environment = { PILOTHOUSE_DATA: join(base, name), PILOTHOUSE_PORT: '0', PILOTHOUSE_LOG_LEVEL: 'silent' }
  const server = await createServer({ ...readConfig(environment, '0.0.0-test'), ...settings })
  running.push(server)
  return server
}

describe('starting', () => {
  it('makes the data folder for the user alone', async () => {
    await start('deep/inside')
    expect((await stat(join(base, 'deep/inside'))).mode & 0o777).toBe(0o700)
  })

  it('takes the next port when one is taken', async () => {
    const first = await start('first')
    const second = await start('second', { port: first.port, portTries: 50 })
    expect(second.port).toBeGreaterThan(first.port)
    expect((await fetch(`${second.url}/health`)).status).toBe(200)
    expect((await fetch(`${first.url}/health`)).status).toBe(200)
  })

  it('says so when every port that may be tried is taken', async () => {
    const taken = createListener().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const address = taken.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await expect(start('first', { port, portTries: 0 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(String(port)) as string,
    })
    taken.close()
    // The folder was let go: another start may have it.
    await start('first')
  })

  it('says who has the data folder', async () => {
    await start('first')
    await expect(start('first')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`process ${process.pid}`) as string,
    })
  })

  it('refuses a folder that holds other things and is open to others', async () => {
    await mkdir(join(base, 'shared'), { mode: 0o755 })
    await writeFile(join(base, 'shared', 'thesis.tex'), '')
    await expect(start('shared')).rejects.toMatchObject({
      message: expect.stringContaining('holds other things') as string,
    })
    expect((await stat(join(base, 'shared'))).mode & 0o777).toBe(0o755)
  })

  it('closes its own folder when it has become open to others', async () => {
    await (await start('first')).close()
    await chmod(join(base, 'first'), 0o755)
    await start('first')
    expect((await stat(join(base, 'first'))).mode & 0o777).toBe(0o700)
  })

  it('takes a folder in which a script has left its spool before any start', async () => {
    await mkdir(join(base, 'early', 'spool'), { recursive: true, mode: 0o755 })
    await start('early')
    expect((await stat(join(base, 'early'))).mode & 0o777).toBe(0o700)
  })

  it('refuses a folder that cannot be made', async () => {
    await writeFile(join(base, 'file'), '')
    await expect(start('file/below')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('ENOTDIR') as string,
    })
  })

  it('listens beyond this machine only on an explicit word', async () => {
    await expect(start('first', { host: '0.0.0.0' })).rejects.toMatchObject({ code: 'forbidden', field: 'host' })
    const server = await start('first', { host: '0.0.0.0', insecureNetwork: true })
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
  })

  it('refuses an address that is not of this machine', async () => {
    await expect(start('first', { host: '192.0.2.1', insecureNetwork: true })).rejects.toMatchObject({
      message: expect.stringContaining('192.0.2.1') as string,
    })
  })

  it('refuses a page that has not been built', async () => {
    await expect(start('first', { webFolder: join(base, 'nothing') })).rejects.toMatchObject({
      hint: expect.stringContaining('npm run build') as string,
    })
  })

  it('says without a page where its interface is described', async () => {
    const server = await start('first')
    const answer = await fetch(server.url, { headers: { accept: 'text/html' } })
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('/docs')])
  })
})

describe('stopping', () => {
  it('happens once, and the port and the folder are free afterwards', async () => {
    const first = await start('first')
    await Promise.all([first.close(), first.close()])
    await expect(fetch(`${first.url}/health`)).rejects.toThrow('fetch failed')
    const again = await start('first', { port: first.port, portTries: 0 })
    expect(again.port).toBe(first.port)
  })

  it('does not wait for a connection that says nothing', async () => {
    const { port, close } = await start('first')
    const { Socket } = await import('node:net')
    const silent = new Socket().connect(port, '127.0.0.1')
    await once(silent, 'connect')
    silent.write('GET /health HTTP/1.1\r\n')
    silent.on('error', () => undefined)
    await close()
    silent.destroy()
  })
})

describe('a storage that dies', () => {
  it('takes the server down with it, so that whoever runs it can start it again', async () => {
    const worker = new Promise<Worker>((resolve) => process.once('worker', resolve))
    const { url } = await start('first')
    const before = process.exitCode
    const thread = await worker
    thread.emit('error', new Error('out of memory'))
    await thread.terminate()
    expect(process.exitCode).toBe(1)
    process.exitCode = before
    await running.splice(0)[0]?.close()
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed')
  })
})

describe('the environment', () => {
  it.each([
    ['PILOTHOUSE_PORT', '70000'],
    ['PILOTHOUSE_PORT', 'x'],
    ['PILOTHOUSE_LOG_LEVEL', 'loud'],
    ['PILOTHOUSE_DATA', ''],
    ['PILOTHOUSE_HEALTH', 'mine'],
    ['PILOTHOUSE_HEALTH', '{"hotFrom": "high"}'],
    ['PILOTHOUSE_HEALTH', '{"hotFrom"'],
  ])('is refused with the name of the variable: %s=%s', (name, value) => {
    expect(() => readConfig({ PILOTHOUSE_DATA: '/x', [name]: value }, '0')).toThrow(
      expect.objectContaining({ code: 'invalid', field: name }),
    )
  })

  it('says what counts as healthy, which whoever signs in is told', async () => {
    const { health } = readConfig({ PILOTHOUSE_DATA: '/x', PILOTHOUSE_HEALTH: '{"base": "seed", "hotFrom": 83}' }, '0')
    expect(health).toMatchObject({ hotFrom: 83, lossFrom: 10 })
    const { url, dataFolder } = await start('healthy', { health })
    const token = (await readFile(join(dataFolder, 'admin.token'), 'utf8')).trim()
    const answer = await fetch(`${url}/api/access/session`, { headers: { authorization: `Bearer ${token}` } })
    expect(await answer.json()).toMatchObject({ health: { hotFrom: 83, lossFrom: 10 } })
  })

  it('has defaults for all but the data folder', () => {
    expect(readConfig({ PILOTHOUSE_DATA: '/x', PILOTHOUSE_ALLOW_HOSTS: 'a,b:1' }, '1')).toMatchObject({
      host: '127.0.0.1',
      port: 4080,
      allowHosts: ['a', 'b:1'],
      insecureNetwork: false,
      webFolder: null,
      version: '1',
    })
  })
})
