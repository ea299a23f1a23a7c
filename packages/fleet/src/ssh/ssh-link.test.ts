/** Against a real sshd and the real client. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { startSlowLine, writeSlowConfig } from '../../../../lab/start-slow-line.ts'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { SshLink } from './ssh-link.ts'

const brief = { timeoutMs: 20_000, outputBytesMax: 100_000 }

describe('a kept connection', () => {
  let sshd: LabSshd
  let link: SshLink
  beforeAll(async () => {
    sshd = await startSshd()
    link = await open(sshd)
  })
  afterAll(async () => {
    await link.close()
    await sshd.stop()
  })

  it('runs scripts and gives their bytes', async () => {
    const output = await link.run(String.raw`printf 'a\0b\n'; cat; echo "$((6 * 7))"`, brief)
    expect(output.toString()).toBe('a\0b\n42\n')
  })

  it('opens a port over there that leads back here', async () => {
    const server = createServer((request, response) => response.end(`you asked ${request.headers.host ?? ''}`)).listen(
      0,
      '127.0.0.1',
    )
    await once(server, 'listening')
    const address = server.address()
    const port = await link.forward({
      remotePort: 0,
      target: { host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 },
    })
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe(`you asked 127.0.0.1:${port}`)
    await expect(link.forward({ remotePort: port, target: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      kind: 'other',
      message: expect.stringContaining(String(port)),
    })
    server.close()
  })

  it('forwards a port of this side, until that is closed', async () => {
    const server = createServer((_, response) => response.end('from over there')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const target = { host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 }
    const [first, second] = [await link.forwardHere(target), await link.forwardHere(target)]
    for (const { port } of [first, second])
      expect(await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text()).toBe(
        'from over there',
      )
    await first.close()
    await expect(fetch(`http://127.0.0.1:${first.port}/`)).rejects.toThrow()
    expect((await fetch(`http://127.0.0.1:${second.port}/`, { headers: { connection: 'close' } })).status).toBe(200)
    await second.close()
    server.close()
  })

  it('gives a command up after its time and goes on', async () => {
    await expect(link.run('exec sleep 30', { ...brief, timeoutMs: 500 })).rejects.toMatchObject({ kind: 'slow' })
    expect((await link.run('echo on', brief)).toString()).toBe('on\n')
  })

  it('refuses output without end', async () => {
    await expect(link.run('exec yes', brief)).rejects.toMatchObject({ kind: 'shell' })
  })
})

describe('a shell that is kept', () => {
  let sshd: LabSshd
  let link: SshLink
  beforeAll(async () => {
    // A session for the connection, one for the shell, and one whose end may not have been seen yet.
    sshd = await startSshd({ args: ['--noisy', '--sessions', '3'] })
    link = await open(sshd)
  })
  afterAll(async () => {
    await link.close()
    await sshd.stop()
  })

  const ask = async (script: string, options: Partial<typeof brief> = {}): Promise<string> =>
    (await link.runAgain(script, { ...brief, ...options })).output.toString()

  it('runs one script after the other in one session, each by itself', async () => {
    const scripts = Array.from(
      { length: 20 },
      (_, at) => `cd /; echo "$PPID $before" >&2; before=${at}; echo "${at} $before"`,
    )
    const answers = await Promise.all(scripts.map((script) => ask(script)))
    expect(answers).toEqual(scripts.map((_, at) => `${at} ${at}\n`))
    expect(new Set([await ask('echo $$'), await ask('echo $$')]).size).toBe(1)
    expect(await ask('cat; exit 3')).toBe('')
    expect(await ask(String.raw`printf 'a\0b\n'; echo "$before"`)).toBe('a\0b\n\n')
  })

  it('is opened anew when it has gone', async () => {
    const before = await ask('echo $$')
    const gone = join(sshd.folder, 'gone')
    expect(await ask(`[ -e '${gone}' ] || { : > '${gone}'; kill -9 $$; }; echo here`)).toBe('here\n')
    expect(await ask('echo $$')).not.toBe(before)
    await expect(ask('kill -9 $$')).rejects.toMatchObject({ name: 'SshError' })
    expect(await ask('echo on')).toBe('on\n')
  })

  it('is given up when it hangs or answers without end, and the next script has another', async () => {
    await expect(ask('exec sleep 3', { timeoutMs: 300 })).rejects.toMatchObject({ kind: 'slow' })
    await expect.poll(() => ask('echo on').catch(() => 'its session is not over yet'), { timeout: 20_000 }).toBe('on\n')
    await expect(ask('exec yes')).rejects.toMatchObject({ kind: 'shell' })
    await expect.poll(() => ask('echo on').catch(() => 'its session is not over yet'), { timeout: 20_000 }).toBe('on\n')
  })
})

it('a script in the kept shell costs one round trip', async () => {
  const sshd = await startSshd()
  const delayMs = 200
  const line = await startSlowLine(sshd.port, delayMs)
  const link = await SshLink.open({ host: 'lab', configPath: writeSlowConfig(sshd, line) })
  await link.runAgain('echo first', brief)
  const tookMs: number[] = []
  for (let at = 0; at < 4; at++) {
    const { wayMs, workMs } = await link.runAgain('echo on', brief)
    tookMs.push(wayMs + workMs)
  }
  expect(Math.min(...tookMs)).toBeGreaterThanOrEqual(2 * delayMs - 5)
  expect(Math.min(...tookMs)).toBeLessThan(3.5 * delayMs)
  await link.close()
  await line.stop()
  await sshd.stop()
})

it('reads through what start files print, and is not led astray by a banner', async () => {
  const sshd = await startSshd({ args: ['--noisy', '--banner'] })
  const link = await open(sshd)
  expect((await link.run('echo clean', brief)).toString()).toBe('clean\n')
  await link.close()
  await sshd.stop()
})

it('a closed connection leaves neither process nor socket', async () => {
  const sshd = await startSshd()
  const link = await open(sshd)
  const [line = ''] = listProcesses(sshd.configPath)
  const socket = /ControlPath=([^\0]+)/.exec(line)?.[1] ?? ''
  expect(existsSync(socket)).toBe(true)
  await link.close()
  expect(await link.closed).toBe(null)
  expect([existsSync(dirname(socket)), listProcesses(sshd.configPath)]).toEqual([false, []])
  await sshd.stop()
})

it('says when the other side ends the connection', async () => {
  const sshd = await startSshd()
  const link = await open(sshd)
  await sshd.stop()
  expect(await link.closed).toMatchObject({ kind: 'closed', message: expect.stringContaining('lab') })
  await expect(link.run('echo on', brief)).rejects.toMatchObject({ name: 'SshError' })
})

describe('what goes wrong has its own words', () => {
  let sshd: LabSshd
  let config: string
  beforeAll(async () => {
    sshd = await startSshd({ args: ['--no-forward', '--sessions', '1'] })
    config = readFileSync(sshd.configPath, 'utf8')
  })
  afterAll(() => sshd.stop())

  const openWith = (change: (text: string) => string, host = 'lab'): Promise<SshLink> => {
    const configPath = join(sshd.folder, 'changed_config')
    writeFileSync(configPath, change(config))
    return SshLink.open({ host, configPath })
  }

  it('a name without an address', async () => {
    await expect(openWith((text) => text, 'no-such-host.invalid')).rejects.toMatchObject({ kind: 'name' })
  })

  it('nobody listens', async () => {
    await expect(openWith((text) => text.replace(/Port \d+/, 'Port 1'))).rejects.toMatchObject({ kind: 'refused' })
  })

  it('a host key that is not known is never accepted', async () => {
    const none = (text: string): string => text.replace(/UserKnownHostsFile .*/, 'UserKnownHostsFile /dev/null')
    const failing = openWith((text) => none(text).replace('StrictHostKeyChecking yes', ''))
    await expect(failing).rejects.toMatchObject({ kind: 'hostKey', hint: expect.stringContaining('fingerprint') })
  })

  it('a host key that is another one than before', async () => {
    const other = join(sshd.folder, 'other_hosts')
    const foreign = readFileSync(join(sshd.folder, 'user_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
    writeFileSync(other, `[127.0.0.1]:${sshd.port} ${foreign}\n`)
    const failing = openWith((text) => text.replace(/UserKnownHostsFile .*/, `UserKnownHostsFile ${other}`))
    await expect(failing).rejects.toMatchObject({ kind: 'hostKey', hint: expect.stringContaining('anew') })
  })

  it('a key that is not let in', async () => {
    const failing = openWith((text) => text.replace(/IdentityFile .*/, `IdentityFile ${join(sshd.folder, 'host_key')}`))
    await expect(failing).rejects.toMatchObject({ kind: 'authentication' })
  })

  it('a configuration that cannot be used', async () => {
    await expect(openWith((text) => `${text}\nNoSuchOption yes\n`)).rejects.toMatchObject({ kind: 'usage' })
  })

  it('a name that would be an option', async () => {
    await expect(SshLink.open({ host: '-oProxyCommand=id' })).rejects.toMatchObject({ kind: 'usage' })
  })

  it('a forwarded port that is not permitted, and a second session', async () => {
    const link = await openWith((text) => text)
    await expect(link.forward({ remotePort: 0, target: { host: '127.0.0.1', port: 1 } })).rejects.toMatchObject({
      hint: expect.stringContaining('AllowTcpForwarding'),
    })
    await expect(link.run('echo on', brief)).rejects.toMatchObject({ kind: 'sessions' })
    await link.close()
  })

  it('a login without a shell', async () => {
    const shut = join(sshd.folder, 'shut')
    const other = await startSshd({ folder: shut, args: ['--noisy'] })
    writeFileSync(join(shut, 'noisy'), '#!/bin/sh\necho "This account is currently not available."\nexit 1\n')
    await expect(open(other)).rejects.toMatchObject({
      kind: 'shell',
      message: expect.stringContaining('not available'),
    })
    await other.stop()
    rmSync(shut, { recursive: true })
  })
})

function open(sshd: LabSshd): Promise<SshLink> {
  return SshLink.open({ host: 'lab', configPath: sshd.configPath })
}

/** Command lines of this machine that hold a text. */
function listProcesses(text: string): string[] {
  return readdirSync('/proc').flatMap((id) => {
    if (!/^\d+$/.test(id)) return []
    try {
      const line = readFileSync(`/proc/${id}/cmdline`, 'latin1')
      return line.startsWith('ssh\0') && line.includes(text) ? [line] : []
    } catch {
      return [] // it has ended meanwhile
    }
  })
}
