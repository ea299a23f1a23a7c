import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../run-cli.ts'
import { makeTestWorld } from '../test-world.ts'
import { writePlist } from './write-plist.ts'
import { writeUnit } from './write-unit.ts'

const odd = 'a b"c\\d%e$f<g>&h\'i'
const service = { name: 'top', description: '100 % of it', command: ['/bin/true', '--title', odd], home: '/home/a&b' }
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-service-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('a unit of systemd', () => {
  it('is one that systemd takes', () => {
    const path = join(folder, 'pilothouse-top.service')
    writeFileSync(path, writeUnit(service))
    if (hasSystemd())
      execFileSync('systemd-analyze', ['verify', '--user', path], {
        stdio: 'pipe',
        env: { ...process.env, XDG_RUNTIME_DIR: folder },
      })
    expect(writeUnit(service)).toContain('\nRestart=on-failure\n')
  })

  it('has every word of its command escaped', () => {
    expect(writeUnit(service)).toContain(String.raw`ExecStart=/bin/true --title "a b\"c\\d%%e$$f<g>&h'i"`)
    expect(() => writeUnit({ ...service, command: ['/bin/true', 'a\nExecStart=/bin/false'] })).toThrow('line ends')
  })
})

describe('an agent of launchd', () => {
  it('is a property list with the command as it was given', () => {
    const read = 'import json,plistlib,sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))'
    const text = execFileSync('python3', ['-c', read], { input: writePlist(service) }).toString()
    expect(JSON.parse(text)).toMatchObject({
      Label: 'pilothouse.top',
      ProgramArguments: service.command,
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      StandardOutPath: '/home/a&b/Library/Logs/pilothouse-top.log',
    })
  })
})

describe('pilothouse service', () => {
  it('prints a unit with absolute paths and what stands behind --, and how to install it beside that', async () => {
    const { code, out, err } = await run('service', 'top', '--print', '--', '--all', '--interval', '30')
    expect(code).toBe(0)
    expect(out).toMatch(/\nExecStart=\/\S+\/pilothouse top --all --interval 30\n/)
    expect(err).toContain('systemctl --user daemon-reload')
  })

  it('prints an agent where it is asked for one, and refuses what the command would refuse', async () => {
    expect((await run('service', 'serve', '--platform', 'launchd')).out).toContain('<key>ProgramArguments</key>')
    expect(await run('service', 'top', '--', '--intervall', '3')).toMatchObject({ code: 2, out: '' })
    expect(await run('service', 'demo')).toMatchObject({ code: 2, out: '' })
  })
})

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { world, stdout, stderr } = makeTestWorld()
  const code = await runCli(args, world, '0.0.0')
  return { code, out: stdout.text(), err: stderr.text() }
}

function hasSystemd(): boolean {
  try {
    execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
