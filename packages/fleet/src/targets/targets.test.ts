/** The same launch on each kind of target. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type SlowLine, startSlowLine, writeSlowConfig } from '../../../../lab/start-slow-line.ts'
import { startSshd } from '../../../../lab/start-sshd.ts'
import type { NewRun } from '../runs/runs.ts'
import { SshLink } from '../ssh/ssh-link.ts'
import { openSshTarget } from './shell-target.ts'
import type { RunStanding, StartOrder, Target, TargetRun } from './target.ts'
import { plainOrder, startLocalLab, startSlurmLab, startSshLab, type TargetLab } from './target.fixture.ts'

const kinds: [string, () => Promise<TargetLab>][] = [
  ['local', startLocalLab],
  ['ssh', startSshLab],
  ['slurm', startSlurmLab],
]

describe.each(kinds)('%s', (kind, startLab) => {
  let lab: TargetLab
  let target: Target
  const begun: TargetRun[] = []
  beforeAll(async () => {
    lab = await startLab()
    target = lab.open()
  }, 120_000)
  afterAll(async () => {
    for (const run of begun) await target.cancel(run).catch(() => null)
    await target.close()
    await lab.stop()
  })

  async function make(name: string, script: string, more: Partial<NewRun> = {}): Promise<TargetRun> {
    const owner = `${name.replaceAll(/[^\w]/g, '')} 1`
    const run = { folder: join(lab.base, 'runs', name), owner, script: `#!/bin/sh\n${script}\n`, environment: {} }
    return { folder: await target.make({ ...run, ...more }), owner, slurmId: null }
  }

  async function begin(name: string, script: string, order: Partial<StartOrder> = {}): Promise<TargetRun> {
    const made = await make(name, script)
    const run = { ...made, ...(await target.start(made, { ...plainOrder, ...order })) }
    begun.push(run)
    return run
  }

  async function look(run: TargetRun, by = target): Promise<RunStanding> {
    const [standing] = await by.look([run])
    if (standing === undefined) throw new Error('There is no answer.')
    return standing
  }

  const seeState = (run: TargetRun, state: RunStanding['state']): Promise<void> =>
    vi.waitFor(async () => expect((await look(run)).state).toBe(state), { timeout: 30_000 })
  const log = async (run: TargetRun): Promise<string> =>
    (await target.readLog(run, { from: 0, bytesMax: 10_000 })).toString()

  it('a run goes from made to ended, with its log and its exit code', async () => {
    const script = 'echo "$PWD|$GREETING"; until [ -e go ]; do sleep 0.05; done; exit 3'
    const made = await make('whole', script, { environment: { GREETING: 'it\'s $(me) "now"' } })
    expect(await look(made)).toMatchObject({ state: 'waiting', logBytes: 0, exitCode: null, cause: null })
    const run = { ...made, ...(await target.start(made, plainOrder)) }
    expect(run.slurmId !== null).toBe(kind === 'slurm')
    await expect.poll(async () => log(run)).toBe(`${run.folder}|it's $(me) "now"\n`)
    await seeState(run, 'running')
    const running = await look(run)
    expect(running.nodes).toHaveLength(1)
    expect(Math.abs((running.startedAt ?? 0) - Date.now())).toBeLessThan(300_000)
    writeFileSync(join(run.folder, 'go'), '')
    await seeState(run, 'ended')
    const ended = await look(run)
    expect(ended).toMatchObject({ exitCode: 3, cause: 'failed', restarts: 0, error: null })
    expect(ended.logBytes).toBe((await log(run)).length)
    expect(Math.abs((ended.endedAt ?? 0) - Date.now())).toBeLessThan(300_000)
    expect(await target.cancel(run)).toBe(false)
    expect(await target.remove(run)).toBe(true)
    expect(await target.remove(run)).toBe(false)
    expect(existsSync(run.folder)).toBe(false)
  })

  it('is started once by several at once, and found by another who knows its folder', async () => {
    const made = await make('once', 'echo begun; exec sleep 600')
    const other = lab.open()
    const answers = await Promise.all([target, target, other].map((one) => one.start(made, plainOrder)))
    expect(new Set(answers.map(({ slurmId }) => slurmId)).size).toBe(1)
    const run = { ...made, slurmId: answers[0]?.slurmId ?? null }
    begun.push(run)
    await expect.poll(async () => log(run)).toBe('begun\n')
    expect(await other.start(made, plainOrder)).toEqual(answers[0])
    expect((await look(made, other)).state).toBe('running')
    await other.close()
    expect(await target.cancel(run)).toBe(true)
    await seeState(run, 'ended')
    expect(await look(run)).toMatchObject({ cause: 'cancelled' })
    expect(await log(run)).toMatch(/^begun\n/)
  })

  it('goes on when who started it is killed, and is found again', async () => {
    const made = await make('orphan', 'echo begun; until [ -e go ]; do sleep 0.05; done; exit 4')
    const program = fileURLToPath(new URL('start-run.fixture.ts', import.meta.url))
    const child = spawn(process.execPath, [program, kind, lab.configPath, lab.base, made.folder, made.owner], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    await expect.poll(async () => log(made)).toBe('begun\n')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const run = { ...made, ...(await target.start(made, plainOrder)) }
    begun.push(run)
    expect((await look(run)).state).toBe('running')
    writeFileSync(join(run.folder, 'go'), '')
    await seeState(run, 'ended')
    expect(await look(run)).toMatchObject({ exitCode: 4, cause: 'failed' })
    expect(await log(run)).toBe('begun\n')
  })

  it('that has not begun is cancelled for good', async () => {
    const run = await make('never', 'echo begun')
    expect(await target.cancel(run)).toBe(true)
    expect(await look(run)).toMatchObject({ state: 'ended', cause: 'cancelled', exitCode: null })
    await target.start(run, plainOrder).catch((error: unknown) => expect(error).toMatchObject({ kind: 'refused' }))
    expect(await look(run)).toMatchObject({ state: 'ended', cause: 'cancelled', logBytes: 0 })
    expect(await target.remove(run)).toBe(true)
  })

  it('that does not listen is killed', async () => {
    const run = await begin('deaf', `trap 'echo no' TERM; echo begun; while :; do sleep 0.1; done`)
    await expect.poll(async () => log(run)).toMatch(/^begun\n/)
    await expect(target.remove(run, { isForced: true })).rejects.toMatchObject({ kind: 'busy' })
    expect(await target.cancel(run)).toBe(true)
    await seeState(run, 'ended')
    expect(await look(run)).toMatchObject({ cause: 'cancelled' })
    expect(await log(run)).toContain('no\n')
    expect(await target.remove(run)).toBe(true)
  })

  it('is told by signals, one by one', async () => {
    const run = await begin(
      'told',
      `trap 'echo heard' USR1; trap 'echo bye; exit 5' TERM; echo begun; while :; do sleep 0.1; done`,
    )
    await expect.poll(async () => log(run)).toBe('begun\n')
    expect(await target.signal(run, 'USR1')).toBe(true)
    await expect.poll(async () => log(run)).toMatch(/^heard$/m)
    expect(await target.signal(run, 'TERM')).toBe(true)
    await seeState(run, 'ended')
    expect(await look(run)).toMatchObject({ exitCode: 5 })
    expect(await target.signal(run, 'USR1')).toBe(false)
  })

  it.concurrent.each(["it's", 'two words', '$(touch bad)', '`touch bad`', '-n', 'a\\b', '; touch bad', '%j %x', 'ünï'])(
    'may be called «%s»',
    async (name) => {
      const made = await make(join('odd', name), 'printf "%s" "$ODD"', { environment: { ODD: `${name}\n"$HOME" '` } })
      const order = { ...plainOrder, name: `${name}\n${name}` }
      const run = { ...made, ...(await target.start(made, order)) }
      await seeState(run, 'ended')
      expect(await log(run)).toBe(`${name}\n"$HOME" '`)
      expect(await target.remove(run)).toBe(true)
    },
  )

  it('whatever they are called, no shell has read it', () => {
    expect(findBad(lab.base)).toEqual([])
  })

  it('that is not there is gone; where nothing is there at all, nobody knows', async () => {
    const run = { folder: join(lab.base, 'runs', 'none'), owner: 'none 1', slurmId: null }
    mkdirSync(join(lab.base, 'runs'), { recursive: true })
    expect(await look(run)).toMatchObject({ state: 'gone', error: null })
    const away = { ...run, folder: join(lab.base, 'not-mounted', 'run') }
    expect(await look(away)).toMatchObject({ state: 'unknown', error: { kind: 'gone' } })
    await expect(target.start(run, plainOrder)).rejects.toMatchObject({ kind: 'gone' })
    expect(await target.remove(run)).toBe(false)
  })

  it('a port of what runs is reached from here, the same way as long as that stands', async () => {
    const server = createServer((_, response) => response.setHeader('connection', 'close').end('it'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const place = { node: null, port: typeof address === 'object' ? (address?.port ?? 0) : 0 }
    const [first, again] = await Promise.all([target.reach(place), target.reach(place)])
    expect(again).toEqual(first)
    expect(await (await fetch(`http://${first.host}:${first.port}/`)).text()).toBe('it')
    await target.leave(place)
    await target.leave(place)
    server.close()
    await once(server, 'close')
    await expect(fetch(`http://${first.host}:${first.port}/`)).rejects.toThrow()
  })

  it('two hundred are looked at in one question', async () => {
    const run = await begin('many', 'exec sleep 600')
    await seeState(run, 'running')
    const roundTrips = lab.links.slice(0, 1).map((link) => vi.spyOn(link, 'runAgain'))
    const standings = await target.look(Array.from({ length: 200 }, () => run))
    expect(standings.map(({ state }) => state)).toEqual(Array.from({ length: 200 }, () => 'running'))
    for (const one of roundTrips) expect(one).toHaveBeenCalledTimes(1)
  })
})

it('a connection that breaks while a run is made and started does no harm', async () => {
  const sshd = await startSshd()
  const base = join(sshd.folder, 'home')
  const lines: SlowLine[] = []
  const connect = async (signal: AbortSignal): Promise<SshLink> => {
    const line = await startSlowLine(sshd.port, 100)
    lines.push(line)
    return SshLink.open({ host: 'lab', configPath: writeSlowConfig(sshd, line), signal })
  }
  const target = openSshTarget({ name: 'lab', root: base, connect })
  /** It is done over there, and its answer on the way. */
  const breakAt = async (path: string): Promise<void> => {
    await expect.poll(() => existsSync(join(base, 'run', path)), { interval: 5 }).toBe(true)
    await lines.at(-1)?.stop()
  }
  const script = '#!/bin/sh\necho begun\nexec sleep 600\n'
  const plan = { folder: join(base, 'run'), owner: 'run 1', script, environment: {} }
  await target.look([{ folder: plan.folder, owner: plan.owner, slurmId: null }])
  const [folder] = await Promise.all([target.make(plan), breakAt('owner')])
  const run = { folder, owner: plan.owner, slurmId: null }
  await Promise.all([target.start(run, plainOrder), breakAt('.start')])
  expect(lines.length).toBe(3)
  await expect.poll(async () => (await target.look([run]))[0]?.state).toBe('running')
  expect((await target.readLog(run, { from: 0, bytesMax: 1_000 })).toString()).toBe('begun\n')
  expect(readdirSync(base)).toEqual(['run'])
  await target.cancel(run)
  await expect.poll(async () => (await target.look([run]))[0]?.state).toBe('ended')
  await target.close()
  await sshd.stop()
})

/** What a shell would have made of a name that it should not have read. */
function findBad(folder: string): string[] {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /(^|\/)bad$/.test(path))
  return [...found, ...(existsSync('bad') ? ['bad'] : [])]
}
