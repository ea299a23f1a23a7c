/**
 * One process a data folder. The lock is a write transaction held open on a small database, `pilothouse.lock`: the
 * operating system lets it go when the process ends in whichever way, and readers still see who holds it.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PilothouseError } from '@pilothouse/contract'

/** SQLITE_BUSY. */
const busyCode = 5

export type FolderLock = { release(): void }

/**
 * Takes the data folder.
 * @throws PilothouseError `unavailable` when another process, or another storage thread of this one, has it.
 */
export function lockFolder(folder: string, holder: { pid: number; now: number }): FolderLock {
  const lock = new DatabaseSync(join(folder, 'pilothouse.lock'))
  try {
    lock.exec(
      'begin immediate; create table if not exists holder (pid integer not null, at_ms integer not null); delete from holder',
    )
    lock.prepare('insert into holder (pid, at_ms) values (?, ?)').run(holder.pid, holder.now)
    lock.exec('commit; begin immediate')
    return { release: () => lock.close() }
  } catch (error) {
    const pid = readHolder(lock)
    lock.close()
    if (!isBusy(error)) throw error
    throw new PilothouseError('unavailable', `The data folder ${folder} is in use by process ${pid ?? 'unknown'}.`, {
      hint: 'Stop that server first, or name another data folder with --data.',
      cause: error,
    })
  }
}

function readHolder(lock: DatabaseSync): number | undefined {
  try {
    const pid = lock.prepare('select pid from holder').get()?.['pid']
    return typeof pid === 'number' ? pid : undefined
  } catch {
    return undefined // locked at the very moment of writing its name
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === busyCode
}
