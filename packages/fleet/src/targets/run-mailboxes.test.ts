/** Scripts that reach nothing but their run folder: what they report comes back, and what they are told reaches them. */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { makeRecordingServer, writeReport, writeRun } from '../mailbox/mailbox.fixture.ts'
import { MailboxCollector } from '../mailbox/mailbox-collector.ts'
import type { Target, TargetRun } from './target.ts'
import { packFolder, plainOrder, startLocalLab, startSlurmLab, startSshLab, type TargetLab } from './target.fixture.ts'

const training = `
import socket, time
import pilothouse

try:
    socket.create_connection(("127.0.0.1", 22), timeout=2)
except OSError as error:
    print("no way out:", error, flush=True)
with pilothouse.init(project="far") as job:
    rate = job.parameter("lr", 0.1, min=0.0, max=1.0)
    for step in job.steps(range(100_000)):
        job.log({"loss": 1 / (step + 1)})
        if rate.value == 0.5:
            print("told", flush=True)
            break
        time.sleep(0.02)
`
/** The system's own, which every user may run, in a network of its own without any route. */
const script = '#!/bin/sh\nexec unshare -rn /usr/bin/python3 train.py\n'

describe.each<[string, () => Promise<TargetLab>]>([
  ['local', startLocalLab],
  ['ssh', startSshLab],
  ['slurm', startSlurmLab],
])('%s: a run without a network', (_, startLab) => {
  let lab: TargetLab
  let target: Target
  beforeAll(async () => {
    lab = await startLab()
    target = lab.open()
  }, 120_000)
  afterAll(async () => {
    await target.close()
    await lab.stop()
  })

  it('reports by its mailbox, and is told what to do', async () => {
    const sdk = packFolder(fileURLToPath(new URL('../../../../python/src', import.meta.url)))
    const environment = { PYTHONPATH: await target.ship(sdk), PYTHONDONTWRITEBYTECODE: '1', HOME: '/nonexistent' }
    const made = { folder: join(lab.base, 'runs', 'far'), owner: 'far 1', script, environment }
    const folder = await target.make({ ...made, files: [{ name: 'train.py', text: training }] })
    const server = makeRecordingServer()
    const collector = new MailboxCollector({ server })
    const stop = new AbortController()
    const runs: TargetRun[] = []
    // It is watched before there is anything, and learns of the run later.
    const watching = collector.watch(
      target.watchMailboxes(() => runs.map((run) => run.folder)),
      stop.signal,
    )
    const run = { folder, owner: made.owner, slurmId: null }
    Object.assign(run, await target.start(run, plainOrder))
    runs.push(run)
    const keys = (): string[] => server.reports.flatMap(({ report }) => report.points.flatMap((points) => points.keys))
    await expect.poll(keys).toContain('loss')
    const uid = server.created[0]?.uid ?? expect.fail()
    server.commands.set(uid, [{ id: 1, kind: 'set', body: { key: 'lr', value: 0.5 }, expiresInMs: 60_000 }])
    const log = async (): Promise<string> => (await target.readLog(run, { from: 0, bytesMax: 10_000 })).toString()
    await expect.poll(log).toMatch(/^told$/m)
    expect(await log()).toMatch(/^no way out: .*unreachable/m)
    await expect.poll(async () => (await target.look([run]))[0]).toMatchObject({ state: 'ended', exitCode: 0 })
    const states = (): unknown[] => server.reports.map(({ report }) => report.state)
    await expect.poll(states).toContainEqual(expect.objectContaining({ state: 'completed' }))
    await expect.poll(() => target.remove(run).catch(() => false)).toBe(true)
    stop.abort()
    await watching
    expect(existsSync(folder)).toBe(false)
  })
})

it('the mailboxes of two hundred runs are looked at in one round trip, beside a question that takes long', async () => {
  const lab = await startSshLab()
  const target = lab.open()
  const folders = Array.from({ length: 200 }, (_, at) => join(lab.base, `run ${at}`))
  for (const folder of folders) mkdirSync(join(folder, 'mailbox'), { recursive: true })
  await target.look([])
  const server = makeRecordingServer()
  const place = target.watchMailboxes(() => folders)
  const request = { settlements: [], known: [], skipped: [], after: null }
  await place.exchange(request, AbortSignal.timeout(30_000))
  const link = lab.links[0] ?? expect.fail()
  const runAgain = vi.spyOn(link, 'runAgain')
  const open = new AbortController()
  const slow = link.runAgain('exec sleep 60', { timeoutMs: 60_000, outputBytesMax: 1_000, signal: open.signal })
  for (const at of [3, 199]) writeReport(writeRun(join(folders[at] ?? '', 'mailbox'), `job-${at}`), 1)
  const look = await place.exchange(request, AbortSignal.timeout(30_000))
  expect(look.runs.map(({ reports }) => reports.length)).toEqual([1, 1])
  expect(runAgain).toHaveBeenCalledTimes(2)
  await new MailboxCollector({ server }).drain(place, AbortSignal.timeout(30_000))
  expect(server.created.map(({ uid }) => uid).toSorted()).toEqual(['job-199', 'job-3'])
  open.abort()
  await slow.catch(() => null)
  await target.close()
  await lab.stop()
})
