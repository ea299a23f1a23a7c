import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readdir, realpath, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { reportFileBytesMax } from './look-script.ts'
import {
  type LookRequest,
  type MailboxPlace,
  mailboxLimits,
  readReportName,
  type ReportFile,
  runFiles,
  type RunFiles,
  type Settlement,
} from './mailbox-place.ts'

/**
 * Mailboxes and spools below some folders of this machine, or of a file system that it shares.
 * @param roots a function is asked at each look
 */
export function makeLocalPlace(roots: readonly string[] | (() => readonly string[])): MailboxPlace {
  return {
    name: typeof roots === 'function' ? 'this machine' : roots.join(', '),
    async exchange(request, signal) {
      for (const settlement of request.settlements) await settle(settlement)
      const runs: RunFiles[] = []
      let left: number = mailboxLimits.lookBytesMax
      const known = new Set(request.known)
      for (const folder of await listRuns(typeof roots === 'function' ? roots() : roots, request)) {
        signal.throwIfAborted()
        if (left <= 0) break
        const run = await lookAt(folder, !known.has(folder))
        if (run === null) continue
        runs.push(run)
        left -= run.reports.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 1024)
      }
      return { clockMs: Date.now(), wayMs: 0, runs }
    },
  }
}

/** Folders of runs, those behind `after` first. */
async function listRuns(roots: readonly string[], { after, skipped }: LookRequest): Promise<string[]> {
  const found: string[] = []
  for (const root of roots) await findRuns(root, found)
  const at = after === null ? -1 : found.indexOf(after)
  const left = new Set(skipped)
  return [...found.slice(at + 1), ...found.slice(0, at + 1)].filter((folder) => !left.has(folder))
}

async function findRuns(root: string, found: string[]): Promise<void> {
  const waiting = [await realpath(root).catch(() => root)]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []) // gone, or not ours to read
    for (const entry of entries.toSorted((one, other) => (one.name < other.name ? 1 : -1))) {
      if (entry.isDirectory()) waiting.push(join(folder, entry.name))
      else if (entry.name === 'job.json' && entry.isFile()) found.push(folder)
    }
    if (found.length >= mailboxLimits.listedMax) return
  }
}

async function lookAt(folder: string, wantsBirth: boolean): Promise<RunFiles | null> {
  const names = await readdir(folder).catch(() => []) // gone since it was listed
  const all = names.flatMap((name) => readReportName(name) ?? []).sort((one, other) => one.number - other.number)
  const birth = wantsBirth ? await readSmall(join(folder, 'job.json'), mailboxLimits.birthBytesMax) : null
  if (all.length === 0 && birth === null) return null
  const reports: ReportFile[] = []
  let taken = 0
  let hasMore = all.length > mailboxLimits.lookFilesMax
  for (const { stem, number } of all.slice(0, mailboxLimits.lookFilesMax)) {
    if (taken >= mailboxLimits.runBytesMax) {
      hasMore = true
      break
    }
    const bytes = await readSmall(join(folder, `${stem}.report`), reportFileBytesMax)
    if (bytes === undefined) continue // its own process, or another collector, was quicker
    reports.push({ stem, number, bytes })
    taken += bytes?.length ?? 0
  }
  return { folder, birth: birth ?? null, reports, hasMore }
}

/** The bytes of a regular file; null when it is larger than that, undefined when it is not there. */
async function readSmall(path: string, bytesMax: number): Promise<Buffer | null | undefined> {
  try {
    // Never through a link: a shared folder may hold those of others.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const { size } = await file.stat()
      return size > bytesMax ? null : await file.readFile()
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

async function settle({ folder, stored, refused, ack, isOver }: Settlement): Promise<void> {
  for (const stem of stored) await rm(join(folder, `${stem}.report`), { force: true })
  for (const stem of refused)
    await ignoreAbsent(rename(join(folder, `${stem}.report`), join(folder, `${stem}.refused`)))
  if (ack !== null) await writeAck(folder, ack)
  if (isOver) await removeRun(folder)
}

async function writeAck(folder: string, ack: string): Promise<void> {
  const aside = join(folder, `ack.json.${randomBytes(6).toString('hex')}.new`)
  try {
    await writeFile(aside, `${ack}\n`, { mode: 0o600 })
    await rename(aside, join(folder, 'ack.json'))
  } catch {
    // The folder is gone, or its disk is full: the next one says the same.
    await rm(aside, { force: true }).catch(() => undefined)
  }
}

/** Anything that is not ours stays, and then the folder, too. */
async function removeRun(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  if (names.some((name) => readReportName(name) !== null)) return
  const ours: readonly string[] = runFiles
  for (const name of names.filter((one) => ours.includes(one) || one.endsWith('.new'))) {
    await rm(join(folder, basename(name)), { force: true })
  }
  await rmdir(join(folder, 'in')).catch(() => undefined)
  await rmdir(folder).catch(() => undefined)
}

async function ignoreAbsent(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isAbsent(error)) throw error
  })
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

/** How many reports wait in the folder of a run. */
export async function countReports(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []) // it went with its last report
  return names.filter((name) => readReportName(name) !== null).length
}
