/** Runs as they are on a real machine: this one, and one behind the lab's sshd. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSmallDisk } from '../../../../lab/start-small-disk.ts'
import { startSshd } from '../../../../lab/start-sshd.ts'
import { makeLocalRunner, makeSshRunner, type ScriptRunner } from '../script-runner.ts'
import { SshLink } from '../ssh/ssh-link.ts'
import { lookAtRuns, makeRun, type NewRun, readRunLog, removeRun, signalRun, startRun } from './runs.ts'

let base: string
const here = makeLocalRunner()
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'pilothouse-runs-'))
})
afterAll(async () => {
  // What still sleeps ends with its run.
  for (const name of await readdir(base))
    await signalRun(here, { folder: join(base, name), name: 'KILL' }).catch(() => null)
  await rm(base, { recursive: true })
})

function plan(name: string, script: string, more: Partial<NewRun> = {}): NewRun {
  return { folder: join(base, name), owner: `${name} 1`, script: `#!/bin/sh\n${script}\n`, environment: {}, ...more }
}

async function begin(name: string, script: string, more: Partial<NewRun> = {}): Promise<string> {
  const folder = await makeRun(here, plan(name, script, more))
  expect(await startRun(here, folder)).toBe('started')
  return folder
}

async function look(folder: string, runner: ScriptRunner = here) {
  const [one] = await lookAtRuns(runner, [folder])
  return one
}

const state = async (folder: string): Promise<string | undefined> => (await look(folder))?.state
const log = async (folder: string): Promise<string> =>
  (await readRunLog(here, { folder, from: 0, bytesMax: 10_000 })).toString()

describe('the folder of a run', () => {
  it('is made once, whole, and belongs to one', async () => {
    const one = plan('made', 'true', { files: [{ name: 'config.yaml', text: "a: 'b'\n" }] })
    const folder = await makeRun(here, one)
    expect(folder).toBe(join(base, 'made'))
    expect(await makeRun(here, one)).toBe(folder)
    expect(await readFile(join(folder, 'config.yaml'), 'utf8')).toBe("a: 'b'\n")
    await expect(makeRun(here, { ...one, owner: 'another 1' })).rejects.toMatchObject({ kind: 'taken' })
    expect(await look(folder)).toMatchObject({ state: 'waiting', logBytes: 0, exit: null, host: null })
    expect((await readdir(base)).filter((name) => name.includes('.new'))).toEqual([])
  })

  it('is not made below a file, and says why', async () => {
    await writeFile(join(base, 'file'), '')
    const one = plan('never', 'true', { folder: join(base, 'file', 'run') })
    await expect(makeRun(here, one)).rejects.toMatchObject({
      kind: 'unmade',
      message: expect.stringMatching(/Not a directory|File exists/),
    })
  })

  it('leaves nothing half-made on a full disk', async () => {
    const folder = join(base, 'disk')
    await mkdir(folder)
    const disk = await startSmallDisk(folder, 1)
    const inside: ScriptRunner = {
      name: 'lab',
      run: async (input) => spawnSync('env', [...disk.enter, 'sh'], { input }).stdout,
    }
    try {
      disk.fill()
      const full = plan('full', `# ${'x'.repeat(200_000)}`, { folder: join(folder, 'run') })
      const unmade = { kind: 'unmade', message: expect.stringContaining('No space left') }
      await expect(makeRun(inside, full)).rejects.toMatchObject(unmade)
      expect(await readdir(disk.outside)).toEqual(['ballast'])
      disk.relieve()
      expect(await makeRun(inside, full)).toBe(join(folder, 'run'))
    } finally {
      await disk.stop()
    }
  })

  it.each(["it's", 'two words', '$(touch bad)', '`touch bad`', '-n', 'a\\b', 'ünï', '; touch bad'])(
    'may be called «%s», and so may what is in it',
    async (name) => {
      const folder = await begin(`odd ${name}`, 'printf "%s|%s" "$ODD" "$PILOTHOUSE_MAILBOX"', {
        folder: join(base, 'odd', name),
        environment: { ODD: `${name}\n"$HOME" '` },
      })
      await expect.poll(async () => state(folder)).toBe('ended')
      expect(await log(folder)).toBe(`${name}\n"$HOME" '|${folder}/mailbox`)
      expect([existsSync('bad'), existsSync(join(folder, 'bad'))]).toEqual([false, false])
      await removeRun(here, { folder })
    },
  )

  it.each<[string, Partial<NewRun>]>([
    ['a variable', { environment: { 'A=B; touch bad': '1' } }],
    ['a NUL', { environment: { A: 'a\0b' } }],
    ['a file elsewhere', { files: [{ name: '../bad', text: '' }] }],
    ['a file of ours', { files: [{ name: 'exit.json', text: '' }] }],
    ['an owner of two lines', { owner: 'a\nb' }],
    ['too much', { script: 'x'.repeat(1024 * 1024) }],
  ])('is refused for %s', async (_, more) => {
    await expect(makeRun(here, plan('refused', 'true', more))).rejects.toThrow(RangeError)
    expect(existsSync(join(base, 'refused'))).toBe(false)
  })
})

describe('a run', () => {
  it('keeps what it printed and how it ended', async () => {
    const folder = await begin('ends', 'echo out; echo err >&2; exit 3')
    await expect.poll(async () => state(folder)).toBe('ended')
    const ended = await look(folder)
    expect(ended).toMatchObject({ logBytes: 8, exit: { exitCode: 3 } })
    expect(Math.abs((ended?.exit?.endedAt ?? 0) - Date.now())).toBeLessThan(60_000)
    expect(await log(folder)).toBe('out\nerr\n')
    expect((await readRunLog(here, { folder, from: 4, bytesMax: 3 })).toString()).toBe('err')
    expect(await startRun(here, folder)).toBe('ended')
    expect(await signalRun(here, { folder, name: 'TERM' })).toBe(false)
  })

  it('is begun once by several at once', async () => {
    const folder = await makeRun(here, plan('once', 'echo begun; sleep 600'))
    const outcomes = await Promise.all([1, 2, 3, 4].map(async () => startRun(here, folder)))
    expect(outcomes.toSorted()).toEqual(['running', 'running', 'running', 'started'])
    await expect.poll(async () => log(folder)).toBe('begun\n')
    expect(await state(folder)).toBe('running')
  })

  it('ends by a signal with all that it has started', async () => {
    const folder = await begin('stops', 'sleep 610 & echo $! > sleeper; sleep 620')
    await expect.poll(async () => existsSync(join(folder, 'sleeper'))).toBe(true)
    await expect.poll(async () => readFile(join(folder, 'sleeper'), 'utf8')).toMatch(/\d/)
    expect(await signalRun(here, { folder, name: 'TERM' })).toBe(true)
    await expect.poll(async () => state(folder)).toBe('ended')
    expect((await look(folder))?.exit?.exitCode).toBe(143)
    const sleeper = Number(await readFile(join(folder, 'sleeper'), 'utf8'))
    await expect.poll(() => isAlive(sleeper)).toBe(false)
  })

  it('passes on what its wrapper is told, as a scheduler does', async () => {
    const folder = await begin('told', 'trap "echo saved; exit 7" TERM; echo ready; while :; do sleep 0.05; done')
    await expect.poll(async () => log(folder)).toBe('ready\n')
    const [, , wrapper] = (await readFile(join(folder, 'process'), 'utf8')).split(' ')
    process.kill(Number(wrapper), 'SIGTERM')
    await expect.poll(async () => log(folder)).toMatch(/^saved$/m)
    await expect.poll(async () => (await look(folder))?.exit?.exitCode).toBe(7)
  })

  it('goes on without its wrapper, and is lost when both are gone', async () => {
    const folder = await begin('killed', 'sleep 630')
    const [, , wrapper, , child] = (await readFile(join(folder, 'process'), 'utf8')).split(' ')
    process.kill(Number(wrapper), 'SIGKILL')
    await expect.poll(() => isAlive(Number(wrapper))).toBe(false)
    expect(await state(folder)).toBe('running')
    process.kill(Number(child), 'SIGKILL')
    await expect.poll(async () => state(folder)).toBe('lost')
  })

  it('is not taken for a process that has its number now, nor for one of another machine', async () => {
    const folder = await begin('numbers', 'sleep 640')
    const path = join(folder, 'process')
    const [host = '', boot = '', ...rest] = (await readFile(path, 'utf8')).trim().split(' ')
    await writeFile(path, `${host} ${boot} ${process.pid} 1 ${process.pid} 1\n`)
    expect(await state(folder)).toBe('lost')
    expect(await signalRun(here, { folder, name: 'KILL' })).toBe(false)
    await writeFile(path, `${host} another-boot ${rest.join(' ')}\n`)
    expect(await state(folder)).toBe('lost')
    await writeFile(path, `elsewhere ${boot} ${rest.join(' ')}\n`)
    expect(await state(folder)).toBe('elsewhere')
    await expect(signalRun(here, { folder, name: 'KILL' })).rejects.toMatchObject({ kind: 'busy' })
    await expect(removeRun(here, { folder })).rejects.toMatchObject({ kind: 'busy' })
    await writeFile(path, `${host} ${boot} ${rest.join(' ')}\n`)
    expect(await state(folder)).toBe('running')
  })

  it('that cannot be begun says why', async () => {
    const folder = await makeRun(here, plan('unbegun', 'true'))
    await rm(join(folder, 'script'))
    await expect(startRun(here, folder)).rejects.toMatchObject({ kind: 'unmade' })
    const wrong = await begin('wrong', '', { script: '#!/no/such/interpreter\n' })
    await expect.poll(async () => state(wrong)).toBe('ended')
    expect(await look(wrong)).toMatchObject({
      exit: { exitCode: expect.toSatisfy((code) => code === 126 || code === 127) },
    })
    expect(await log(wrong)).toMatch(/no\/such\/interpreter|not found|No such file/)
  })
})

describe('removing a run', () => {
  it('waits for its end and its reports, unless it is forced', async () => {
    const folder = await begin('removed', 'sleep 650')
    await expect(removeRun(here, { folder, isForced: true })).rejects.toMatchObject({ kind: 'busy' })
    await signalRun(here, { folder, name: 'KILL' })
    await expect.poll(async () => state(folder)).toBe('ended')
    await mkdir(join(folder, 'mailbox', 'run'))
    await writeFile(join(folder, 'mailbox', 'run', '1.report'), 'x')
    await expect(removeRun(here, { folder })).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringMatching(/^1 reports/),
    })
    expect(await removeRun(here, { folder, isForced: true })).toBe(true)
    expect(existsSync(folder)).toBe(false)
    expect(await state(folder)).toBe('gone')
    expect(await removeRun(here, { folder })).toBe(false)
  })

  it('touches no folder that is no run', async () => {
    const folder = join(base, 'own')
    await mkdir(folder)
    await writeFile(join(folder, 'thesis'), 'x')
    expect(await removeRun(here, { folder, isForced: true })).toBe(false)
    expect(await readdir(folder)).toEqual(['thesis'])
    await expect(startRun(here, folder)).rejects.toMatchObject({ kind: 'gone' })
  })
})

it('two hundred are looked at in one question', async () => {
  const folders = Array.from({ length: 200 }, (_, at) => join(base, at % 2 === 0 ? 'once' : 'made'))
  const looks = await lookAtRuns(here, folders)
  expect(looks.map((one) => one.state)).toEqual(folders.map((_, at) => (at % 2 === 0 ? 'running' : 'waiting')))
})

it('behind ssh it goes on when the connection ends, and is found again', async () => {
  const sshd = await startSshd()
  const connect = async () => SshLink.open({ host: 'lab', configPath: sshd.configPath })
  const first = await connect()
  const folder = await makeRun(makeSshRunner(first), plan('far', 'until [ -e go ]; do sleep 0.05; done; exit 4'))
  expect(await startRun(makeSshRunner(first), folder)).toBe('started')
  await first.close()
  const second = await connect()
  const there = makeSshRunner(second)
  expect(await startRun(there, folder)).toBe('running')
  expect((await look(folder, there))?.state).toBe('running')
  await writeFile(join(folder, 'go'), '')
  await expect.poll(async () => (await look(folder, there))?.exit?.exitCode).toBe(4)
  expect(await removeRun(there, { folder })).toBe(true)
  await second.close()
  await sshd.stop()
})

/** A zombie is none: what ended it waits for it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
