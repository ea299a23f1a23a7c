/** Runs that Slurm's queue has forgotten: on a cluster that keeps accounts of jobs, and on one that does not. */
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunStanding, Target, TargetRun } from './target.ts'
import { plainOrder, startSlurmLab } from './target.fixture.ts'

/** Slurm looks seldom for what it may forget. */
const forgetMs = 150_000

describe.each([
  ['with accounts', ['--accounting']],
  ['without accounts', []],
] as const)('%s', (kind, args) => {
  let lab: Awaited<ReturnType<typeof startSlurmLab>>
  let target: Target
  const runs = new Map<string, TargetRun>()
  beforeAll(async () => {
    lab = await startSlurmLab({ args: ['--remember', '2', ...args] })
    target = lab.open()
    await begin('completed', 'echo done')
    await begin('failed', 'exit 3')
    await begin('killed', 'kill -s KILL $PPID; sleep 600')
    await begin('removed', 'true')
    await begin('cancelled', 'true', ['--hold'])
    await target.cancel(runs.get('cancelled') ?? expect.fail())
  }, 180_000)
  afterAll(async () => {
    await target.close()
    await lab.stop()
  })

  async function begin(name: string, script: string, options: string[] = []): Promise<void> {
    const made = { folder: join(lab.base, 'runs', name), owner: `${name} 1`, environment: {} }
    const run = {
      folder: await target.make({ ...made, script: `#!/bin/sh\n${script}\n` }),
      owner: made.owner,
      slurmId: null,
    }
    runs.set(name, { ...run, ...(await target.start(run, { ...plainOrder, options })) })
  }

  async function look(name: string): Promise<RunStanding> {
    const [standing] = await target.look([runs.get(name) ?? expect.fail(name)])
    return standing ?? expect.fail(name)
  }

  const keepsAccounts = kind === 'with accounts'

  it(
    'the queue forgets them soon',
    async () => {
      const ids = [...runs.values()].map(({ slurmId }) => slurmId).join(',')
      const isForgotten = async (): Promise<boolean> => {
        const environment = { ...process.env, SLURM_CONF: lab.slurm.configPath }
        const queue = promisify(execFile)('squeue', ['-h', '-t', 'all', '-j', ids], {
          env: environment,
          timeout: 20_000,
        })
        return (await queue.catch(() => ({ stdout: '' }))).stdout === ''
      }
      await expect.poll(isForgotten, { timeout: forgetMs, interval: 1_000 }).toBe(true)
      rmSync(join(lab.base, 'runs', 'removed'), { recursive: true })
    },
    forgetMs + 30_000,
  )

  it('what a run has written itself is known', async () => {
    expect(await look('completed')).toMatchObject({ state: 'ended', cause: 'completed', exitCode: 0, error: null })
    expect(await look('failed')).toMatchObject({ state: 'ended', cause: 'failed', exitCode: 3, error: null })
  })

  it('of one that could write nothing only accounts tell, unless it was cancelled from here', async () => {
    const ended = { state: 'ended', cause: 'failed', exitCode: 137 }
    expect(await look('killed')).toMatchObject(keepsAccounts ? ended : { state: 'lost', cause: null, exitCode: null })
    const cancelled = { state: 'ended', cause: 'cancelled', exitCode: null, startedAt: null }
    expect(await look('cancelled')).toMatchObject(cancelled)
    expect(await look('removed')).toMatchObject(
      keepsAccounts ? { state: 'ended', cause: 'completed' } : { state: 'gone' },
    )
  })

  it('it is neither cancelled nor held any more, and may be removed', async () => {
    const run = runs.get('failed') ?? expect.fail()
    expect([await target.cancel(run), await target.hold(run), await target.requeue(run)]).toEqual([false, false, false])
    expect(await target.start(run, plainOrder)).toEqual({ slurmId: run.slurmId })
    expect(await target.start({ ...run, slurmId: null }, plainOrder)).toEqual({ slurmId: run.slurmId })
    expect(await target.remove(run)).toBe(true)
    expect(await target.remove(runs.get('killed') ?? expect.fail())).toBe(true)
  })

  it('while nobody answers for the accounts, only what a run has written is known', async () => {
    if (keepsAccounts) await lab.slurm.end('accounting')
    expect(await look('completed')).toMatchObject({ state: 'ended', cause: 'completed', exitCode: 0 })
    expect(await look('cancelled')).toMatchObject(
      keepsAccounts
        ? { state: 'unknown', error: { kind: 'controller' } }
        : { state: 'ended', cause: 'cancelled', error: null },
    )
  })
})
