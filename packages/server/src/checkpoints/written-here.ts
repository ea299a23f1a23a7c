/**
 * Whether a checkpoint lies on this machine, and is what a job has written: beside each stands a record
 * (python/src/pilothouse/_checkpoint_files.py) that must name this very job and checkpoint. A place that somebody merely
 * reported is neither read nor deleted.
 */
import { lstat, readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, isAbsolute, normalize } from 'node:path'

export const recordSuffix = '.pilothouse.json'
const recordBytesMax = 4 * 1024 * 1024

export type CheckpointPlace = { uid: string; name: string; uri: string; host: string }
export type WrittenHere = { isHere: true } | { isHere: false; isMissing: boolean; reason: string }

/** @throws what the file system throws, but for files that are not there. */
export async function isWrittenHere({ uid, name, uri, host }: CheckpointPlace): Promise<WrittenHere> {
  const not = (reason: string, isMissing = false): WrittenHere => ({ isHere: false, isMissing, reason })
  if (host !== hostname()) return not(`It lies on ${host} (${uri}), which is not reached from here.`)
  if (!isAbsolute(uri) || normalize(uri) !== uri || basename(uri) !== name)
    return not(`${uri} is no place of a checkpoint.`)
  try {
    if ((await lstat(uri)).isSymbolicLink()) return not(`${uri} is a link, and not what was written.`)
    const record = await readRecord(uri)
    if (record?.uid === uid && record.name === name) return { isHere: true }
    return not(`The record beside ${uri} does not say that this job has written it.`)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return not(`${uri} is not there any more.`, true)
    throw error
  }
}

/** What stands beside a checkpoint; undefined where that is no such record. @throws what the file system throws. */
export async function readRecord(
  uri: string,
): Promise<{ uid?: unknown; name?: unknown; sha256?: unknown } | undefined> {
  const path = `${uri}${recordSuffix}`
  if ((await lstat(path)).size > recordBytesMax) return undefined
  const value: unknown = JSON.parse(await readFile(path, 'utf8'))
  return typeof value === 'object' && value !== null ? value : undefined
}
