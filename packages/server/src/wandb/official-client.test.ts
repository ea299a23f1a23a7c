/** The stand-in for W&B against the official Python client: what that reads of it is what was put in. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { findPython } from '../../../../lab/find-python.ts'
import { startWandbStandIn } from '../../../../lab/wandb-stand-in.ts'

const script = `
import json, wandb
api = wandb.Api()
run = api.run("lab/demo/r1")
print(json.dumps({
    "version": wandb.__version__,
    "viewer": api.viewer.username,
    "name": run.name,
    "state": run.state,
    "lastStep": run.lastHistoryStep,
    "summary": dict(run.summary),
    "history": run.history(samples=100, pandas=False),
    "loss": run.history(keys=["loss"], pandas=False),
    "scan": list(run.scan_history(page_size=4)),
    "tail": list(run.scan_history(min_step=7)),
}))
`

it('the official client reads a run of the stand-in as it is', async () => {
  const standIn = await startWandbStandIn()
  const home = await mkdtemp(join(tmpdir(), 'pilothouse-wandb-'))
  const rows = Array.from({ length: 10 }, (_, step) => ({
    _step: step,
    _timestamp: 1_700_000_000 + step,
    loss: 1 / (step + 1),
    ...(step === 3 ? { image: { _type: 'image-file', path: 'media/x.png' }, bad: 'NaN' } : {}),
  }))
  standIn.addRun({ name: 'r1', state: 'finished', rows, summary: { best: 0.1 } })
  try {
    const own = { HOME: home, PATH: process.env['PATH'], WANDB_BASE_URL: standIn.url, WANDB_API_KEY: standIn.key }
    const quiet = { WANDB_SILENT: 'true', WANDB_ERROR_REPORTING: 'false', WANDB_DIR: home, WANDB_CACHE_DIR: home }
    const run = promisify(execFile)
    const { stdout } = await run(findPython(), ['-c', script], { env: { ...own, ...quiet }, timeout: 100_000 })
    const read = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown> // printed above
    expect(read).toMatchObject({
      viewer: 'a-member',
      name: 'brisk-field-1',
      state: 'finished',
      lastStep: 9,
      summary: { best: 0.1 },
    })
    expect(read['history']).toEqual(rows)
    expect(read['loss']).toEqual(rows.map(({ _step, loss }) => ({ _step, loss })))
    expect(read['scan']).toHaveLength(10)
    expect(read['scan']).toMatchObject(rows.map(({ _step, loss }) => ({ _step, loss })))
    expect(read['tail']).toMatchObject(rows.slice(7).map(({ _step, loss }) => ({ _step, loss })))
  } finally {
    await standIn.close()
    await rm(home, { recursive: true, force: true })
  }
}, 120_000)
