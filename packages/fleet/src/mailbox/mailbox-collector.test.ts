/** The same behaviour on this machine's disk and over a real ssh. */
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PilothouseError } from '@pilothouse/contract'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startSlowLine, writeSlowConfig } from '../../../../lab/start-slow-line.ts'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { SshLink } from '../ssh/ssh-link.ts'
import { makeLocalPlace } from './local-place.ts'
import {
  away,
  makeRecordingServer,
  packReport,
  type RecordingServer,
  writeReport,
  writeRun,
} from './mailbox.fixture.ts'
import { type CollectorEvent, MailboxCollector } from './mailbox-collector.ts'
import type { MailboxPlace } from './mailbox-place.ts'
import { makeSshPlace } from './ssh-place.ts'

let sshd: LabSshd
let link: SshLink
beforeAll(async () => {
  sshd = await startSshd({ args: ['--noisy'] })
  link = await SshLink.open({ host: 'lab', configPath: sshd.configPath })
})
afterAll(async () => {
  await link.close()
  await sshd.stop()
})

const places: [string, (roots: string[]) => MailboxPlace][] = [
  ['on this machine', makeLocalPlace],
  ['over ssh', (roots) => makeSshPlace(link, roots)],
]

describe.each(places)('mailboxes %s', (_name, makePlace) => {
  let base: string
  let root: string
  let server: RecordingServer
  let events: CollectorEvent[]
  let collector: MailboxCollector
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'ph-mailbox-'))
    // A shell would make three words and a variable of it.
    root = join(base, "it's a $HOME\\ folder")
    server = makeRecordingServer()
    events = []
    collector = new MailboxCollector({ server, tell: (event) => events.push(event) })
  })
  afterEach(() => rmSync(base, { recursive: true }))

  const drain = (one = collector): Promise<void> => one.drain(makePlace([root]), new AbortController().signal)

  /** Watches until something is true, then stops. */
  async function watchUntil(isReached: () => boolean): Promise<void> {
    const stop = new AbortController()
    const watching = collector.watch(makePlace([root]), stop.signal)
    await expect.poll(isReached, { timeout: 30_000, interval: 20 }).toBe(true)
    stop.abort()
    await watching
  }

  it('are emptied in order, under the attempt and at the time that the server is to know', async () => {
    const folder = writeRun(root, 'job-one', { name: 'first', state: 'running' })
    for (const number of [3, 1, 10, 2, 4, 5, 6, 7, 8, 9]) writeReport(folder, number)
    const before = Date.now()
    await drain()
    expect(server.numbers('job-one')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(server.created).toEqual([{ uid: 'job-one', body: { name: 'first', state: 'running' } }])
    const [first] = server.reports
    expect(first?.report).toMatchObject({ attempt: 2, points: [{ keys: ['loss'], values: [Float64Array.of(1)] }] })
    expect(Math.abs((first?.report.sentAt ?? 0) - before)).toBeLessThan(10_000)
    expect(readdirSync(root)).toEqual([])
  })

  it('hold as much as there is: a look takes only so many, several runs share it', async () => {
    const uids = ['job-a', 'job-b', 'job-c']
    for (const uid of uids) {
      const folder = writeRun(root, uid)
      for (let number = 1; number <= 300; number++) writeReport(folder, number)
    }
    await drain()
    for (const uid of uids) expect(server.numbers(uid)).toEqual(Array.from({ length: 300 }, (_, at) => at + 1))
    expect(readdirSync(root)).toEqual([])
  })

  it('go in rows, and one by one where the server does not take rows or one of them upsets it', async () => {
    const folder = writeRun(root, 'job-one')
    for (let number = 1; number <= 40; number++) writeReport(folder, number)
    await drain()
    expect(server.rows).toEqual([40])
    const sendRow = server.sendRow
    server.sendRow = () => Promise.reject(new PilothouseError('notFound', 'There is no such route.'))
    writeRun(root, 'job-one')
    for (let number = 41; number <= 50; number++) writeReport(folder, number)
    await drain()
    server.sendRow = () => Promise.reject(new PilothouseError('internal', 'One of them was too much.'))
    server.failure = ({ report }) => (report?.number === 52 ? new PilothouseError('invalid', 'It is wrong.') : null)
    writeRun(root, 'job-one')
    for (let number = 51; number <= 53; number++) writeReport(folder, number)
    await drain()
    server.sendRow = sendRow
    server.failure = ({ report }) => (report?.number === 55 ? new PilothouseError('invalid', 'It is wrong.') : null)
    writeRun(root, 'job-one')
    for (let number = 54; number <= 56; number++) writeReport(folder, number)
    await drain()
    const taken = Array.from({ length: 56 }, (_, at) => at + 1).filter((number) => number !== 52 && number !== 55)
    expect(server.numbers('job-one')).toEqual(taken)
    expect(readdirSync(folder).filter((name) => name.endsWith('.refused'))).toEqual([
      '00000052.refused',
      '00000055.refused',
    ])
  })

  it('keep a damaged report aside, say so, and give the others', async () => {
    const folder = writeRun(root, 'job-one')
    for (let number = 1; number <= 6; number++) writeReport(folder, number)
    truncateSync(join(folder, '00000002.report'), 40)
    const flipped = packReport(3)
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 3) ^ 1, flipped.length - 3)
    writeFileSync(join(folder, '00000003.report'), flipped)
    writeFileSync(join(folder, '00000004.report'), '')
    writeFileSync(join(folder, '00000005.report'), 'PHS1')
    await drain()
    expect(server.numbers('job-one')).toEqual([1, 6])
    const aside = ['00000002', '00000003', '00000004', '00000005']
    expect(readdirSync(folder).toSorted()).toEqual(aside.map((stem) => `${stem}.refused`))
    expect(readFileSync(join(folder, '00000003.refused'))).toEqual(flipped)
    const told = events.flatMap((event) => (event.kind === 'refused' ? [[event.stem, String(event.error)]] : []))
    expect(told.map(([stem]) => stem)).toEqual(aside)
    expect(told.every(([, why]) => why?.includes('damaged'))).toBe(true)
  })

  it('read files of the first version, and take one beyond any limit aside without reading it', async () => {
    const folder = writeRun(root, 'job-one')
    writeFileSync(join(folder, '00000001.report'), packReport(1).subarray(8))
    writeReport(folder, 2)
    truncateSync(join(folder, '00000002.report'), 9 * 1024 * 1024)
    await drain()
    expect(server.numbers('job-one')).toEqual([1])
    expect(existsSync(join(folder, '00000002.refused'))).toBe(true)
  })

  it('leave alone what is being written, what is linked, and what is no run', async () => {
    const folder = writeRun(root, 'job-one')
    writeReport(folder, 1)
    writeFileSync(join(folder, '00000002.report.new'), 'half')
    writeFileSync(join(base, 'secret'), packReport(3))
    symlinkSync(join(base, 'secret'), join(folder, '00000003.report'))
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    writeReport(root, 7)
    await watchUntil(() => server.numbers('job-one').length > 0)
    expect(server.numbers('job-one')).toEqual([1])
    const kept = ['00000002.report.new', '00000003.report', 'ack.json', 'job.json', 'notes.txt']
    expect(readdirSync(folder).toSorted()).toEqual(kept)
    expect(existsSync(join(root, '00000007.report'))).toBe(true)
  })

  it('that are watched are answered, and go when their run has ended', async () => {
    const folder = writeRun(root, 'job-one')
    writeReport(folder, 41)
    const ackPath = join(folder, 'ack.json')
    await watchUntil(() => existsSync(ackPath))
    expect(JSON.parse(readFileSync(ackPath, 'utf8'))).toEqual({
      number: 41,
      state: 'running',
      serverTime: 77,
      uid: 'job-one',
      attempt: 2,
      page: 'http://here/job/job-one',
    })
    expect(statSync(ackPath).mode & 0o777).toBe(0o600)
    writeReport(folder, 42, { state: { state: 'completed', at: 1, exitCode: 0 } })
    await watchUntil(() => !existsSync(folder))
    expect(server.numbers('job-one')).toEqual([41, 42])
    expect(events.map(({ kind }) => kind)).toEqual(['job', 'stored', 'stored', 'over'])
  })

  it('that are watched are told what the job is to do, again only when there is more', async () => {
    const folder = writeRun(root, 'job-one')
    writeReport(folder, 1)
    const order = (id: number, value: number) =>
      ({ id, kind: 'set', body: { key: 'lr', value }, expiresInMs: 60_000 }) as const
    server.commands.set('job-one', [order(7, 0.1)])
    const readOrders = () => {
      const ack = existsSync(join(folder, 'ack.json')) ? readFileSync(join(folder, 'ack.json'), 'utf8') : '{}'
      return (JSON.parse(ack) as { orders?: { commands: { id: number }[] } }).orders // `writeAck` wrote it
    }
    await watchUntil(() => readOrders() !== undefined)
    expect(readOrders()).toMatchObject({
      commands: [{ id: 7, kind: 'set', body: { key: 'lr', value: 0.1 } }],
      pinned: [],
    })
    server.commands.set('job-one', [order(7, 0.1), order(9, 0.2)])
    await watchUntil(() => readOrders()?.commands.some(({ id }) => id === 9) ?? false)
    expect(readOrders()?.commands.map(({ id }) => id)).toEqual([7, 9])
  })

  it('wait while the server is away, which is said once, and follow in order when it is back', async () => {
    const folder = writeRun(root, 'job-one')
    for (let number = 1; number <= 5; number++) writeReport(folder, number)
    let tries = 0
    server.failure = ({ report }) => (report?.number === 3 && tries++ < 3 ? away() : null)
    await watchUntil(() => server.numbers('job-one').length === 5)
    expect(server.numbers('job-one')).toEqual([1, 2, 3, 4, 5])
    expect(events.map(({ kind }) => kind).filter((kind) => kind === 'away' || kind === 'back')).toEqual([
      'away',
      'back',
    ])
  })

  it('of a run that the server does not take wait, with the reason, and the others go on', async () => {
    for (const uid of ['job-a', 'job-b']) writeReport(writeRun(root, uid), 1)
    server.failure = ({ uid }) => (uid === 'job-a' ? new PilothouseError('forbidden', 'Not with this token.') : null)
    await drain()
    expect(server.numbers('job-b')).toEqual([1])
    expect(existsSync(join(root, 'job-a-writer', '00000001.report'))).toBe(true)
    const [run] = collector.runs.filter(({ trouble }) => trouble !== null)
    expect([run?.folder.endsWith('job-a-writer'), String(run?.trouble?.error)]).toEqual([
      true,
      expect.stringContaining('token'),
    ])
  })

  it('of a job that is not taken as described are kept under a bare one', async () => {
    writeReport(writeRun(root, 'job-one', { name: 'n', project: 'p', config: { a: 1 } }), 1)
    server.failure = () => {
      server.failure = null
      return new PilothouseError('invalid', 'config is wrong.')
    }
    await drain()
    expect(server.created).toEqual([{ uid: 'job-one', body: { name: 'n', project: 'p' } }])
    expect(server.numbers('job-one')).toEqual([1])
  })

  it('with a description that cannot be read are told and left as they are', async () => {
    const folder = writeRun(root, 'job-one')
    writeReport(folder, 1)
    writeFileSync(join(folder, 'job.json'), '{"uid": ')
    await drain()
    expect(events).toMatchObject([{ kind: 'trouble', error: { message: expect.stringContaining('not valid JSON') } }])
    expect(readdirSync(folder)).toEqual(['00000001.report', 'job.json'])
  })

  it('may have two collectors and a script that sends its own files', async () => {
    const folder = writeRun(root, 'job-one')
    for (let number = 1; number <= 200; number++) writeReport(folder, number)
    const other = new MailboxCollector({ server })
    const own = (async () => {
      for (let number = 1; number <= 200; number++) {
        const path = join(folder, `${String(number).padStart(8, '0')}.report`)
        if (!existsSync(path)) continue
        await server.sendReport('job-one', encodeOf(number), new AbortController().signal)
        rmSync(path, { force: true })
      }
    })()
    await Promise.all([drain(), drain(other), own])
    expect(server.numbers('job-one')).toEqual(Array.from({ length: 200 }, (_, at) => at + 1))
    expect(readdirSync(root)).toEqual([])
  })

  it('that were collected but not settled are settled the next time, and nothing is stored twice', async () => {
    const folder = writeRun(root, 'job-one')
    for (let number = 1; number <= 3; number++) writeReport(folder, number)
    const place = makePlace([root])
    let calls = 0
    const breaking: MailboxPlace = {
      name: 'breaking',
      exchange: (request, signal) =>
        ++calls === 2 ? Promise.reject(new Error('the line broke')) : place.exchange(request, signal),
    }
    await expect(collector.drain(breaking, new AbortController().signal)).rejects.toThrow('the line broke')
    expect(readdirSync(folder)).toContain('00000001.report')
    await drain()
    expect(server.numbers('job-one')).toEqual([1, 2, 3])
    expect(readdirSync(root)).toEqual([])
  })

  it('that do not exist (yet) are no fault', async () => {
    const later = collector.watch(makePlace([join(root, 'later')]), AbortSignal.timeout(1_500))
    await later
    appendFileSync(join(base, 'still-there'), '')
    expect(events).toEqual([])
  })
})

it('a line that takes a second there and back still brings every report soon', async () => {
  const line = await startSlowLine(sshd.port, 500)
  const slow = await SshLink.open({ host: 'lab', configPath: writeSlowConfig(sshd, line) })
  const root = mkdtempSync(join(tmpdir(), 'ph-mailbox-'))
  const server = makeRecordingServer()
  const stop = new AbortController()
  const watching = new MailboxCollector({ server }).watch(makeSshPlace(slow, [root]), stop.signal)
  const folder = writeRun(root, 'job-one')
  for (const number of [1, 2, 3]) {
    const writtenAt = performance.now()
    writeReport(folder, number)
    await expect.poll(() => server.numbers('job-one').includes(number), { timeout: 20_000, interval: 20 }).toBe(true)
    // About 1.5 s, and the first opens the shell; the budget is 3 s on a machine that does nothing else.
    expect(performance.now() - writtenAt).toBeLessThan(6_000)
  }
  stop.abort()
  await watching
  await slow.close()
  await line.stop()
  rmSync(root, { recursive: true })
})

function encodeOf(number: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(packReport(number).subarray(8))
}
