/** Run folders as the SDK writes them, and a server that remembers what it was sent. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { decodeReportFrame, encodeReport, PilothouseError, type Report } from '@pilothouse/contract'
import type { CommandTaken, ReportAck, ReportInput } from '@pilothouse/contract'
import { setTimeout as wait } from 'node:timers/promises'
import { classifyRefusal, type MailboxServer } from './mailbox-server.ts'

/** Makes the folder of a run. */
export function writeRun(root: string, uid: string, create: Record<string, unknown> = { name: uid }): string {
  const folder = join(root, `${uid}-writer`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'job.json'), JSON.stringify({ version: 2, uid, attempt: 1, writer: 'writer', create }))
  return folder
}

/** Puts a report into it. */
export function writeReport(folder: string, number: number, more: Partial<ReportInput> = {}): void {
  writeFileSync(join(folder, `${String(number).padStart(8, '0')}.report`), packReport(number, more))
}

/** A report's file, whole. */
export function packReport(number: number, more: Partial<ReportInput> = {}): Buffer {
  const points = [{ source: 'job', keys: ['loss'], steps: [number], times: [1_000 + number], values: [[1 / number]] }]
  const frame = encodeReport({ attempt: 1, writer: 'writer', number, role: 'sdk', sentAt: 5, points, ...more })
  const prefix = Buffer.from('PHS1\0\0\0\0', 'latin1')
  prefix.writeUInt32LE(crc32(frame), 4)
  return Buffer.concat([prefix, frame])
}

export type RecordingServer = MailboxServer & {
  /** What arrived for a job: its numbers in order of arrival. */
  numbers(uid: string): number[]
  reports: { uid: string; report: Report }[]
  /** How many reports came in each row. */
  rows: number[]
  created: { uid: string; body: Record<string, unknown> }[]
  /** What may be told to a job. */
  commands: Map<string, CommandTaken['commands']>
  /** Thrown instead of taking anything, while it is set. */
  failure: ((what: { uid: string; report?: Report }) => Error | null) | null
}

/** Decodes and remembers, as the real one does; a repeated report changes nothing. */
export function makeRecordingServer(): RecordingServer {
  const seen = new Set<string>()
  const server: RecordingServer = {
    reports: [],
    rows: [],
    created: [],
    commands: new Map(),
    failure: null,
    numbers: (uid) => server.reports.filter((one) => one.uid === uid).map(({ report }) => report.number),
    async createJob(uid, body) {
      const error = server.failure?.({ uid })
      if (error) throw error
      server.created.push({ uid, body })
      return { uid, attempt: 2, page: `http://here/job/${uid}` }
    },
    async sendReport(uid, frame) {
      const report = decodeReportFrame(frame)
      const error = server.failure?.({ uid, report })
      if (error) throw error
      const repeated = seen.has(`${uid}/${report.number}`)
      if (!repeated) server.reports.push({ uid, report })
      seen.add(`${uid}/${report.number}`)
      return { number: report.number, repeated, serverTime: 77, state: 'running' }
    },
    takeCommands: async (uid, { after }, signal) => {
      const commands = (server.commands.get(uid) ?? []).filter(({ id }) => id > after)
      if (commands.length === 0) await wait(20, undefined, { signal })
      return { commands, pinned: [], isOver: false }
    },
    async sendRow(uid, frames, signal) {
      server.rows.push(frames.length)
      const answers: (ReportAck | Error)[] = []
      for (const frame of frames) {
        answers.push(await server.sendReport(uid, frame, signal).catch((error: unknown) => refuseForGood(error)))
      }
      return answers
    },
  }
  return server
}

function refuseForGood(error: unknown): Error {
  if (error instanceof Error && classifyRefusal(error) === 'never') return error
  throw error
}

/** The server takes nothing now. */
export const away = (): Error => new PilothouseError('unavailable', 'It is away.')
