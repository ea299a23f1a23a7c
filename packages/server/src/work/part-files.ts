/** How part files are written: behind what is committed of them, and cut back to that. */
import { type FileHandle, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PilothouseError } from '@pilothouse/contract'
import { syncFolder } from '../storage/sync-folder.ts'

export type PartFiles = {
  /**
   * Writes `bytes` at `at`, whatever stood there and behind it; once this resolves they would outlive a loss of power.
   * @throws PilothouseError `internal` where the file ends before `at`; else what the file system throws
   */
  append(path: string, at: number, bytes: Uint8Array): Promise<void>
  /** Takes away what lies behind `bytes`. A file that is missing is as one that is empty. */
  cut(path: string, bytes: number): Promise<void>
}

export const partFiles: PartFiles = { append: appendBytes, cut: cutFile }

async function appendBytes(path: string, at: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, at === 0 ? 'w' : 'r+', 0o600)
  try {
    if (at > 0) await trim(file, path, at)
    await writeAll(file, at, bytes)
    await file.datasync()
  } finally {
    await file.close()
  }
  if (at === 0) await syncFolder(dirname(path))
}

async function cutFile(path: string, bytes: number): Promise<void> {
  const found = await stat(path).catch(forgiveMissing)
  if (!found && bytes === 0) return
  const file = await open(path, 'r+', 0o600)
  try {
    await trim(file, path, bytes)
  } finally {
    await file.close()
  }
}

async function trim(file: FileHandle, path: string, bytes: number): Promise<void> {
  const { size } = await file.stat()
  if (size < bytes) throw tellShort(path, size, bytes)
  if (size > bytes) await file.truncate(bytes)
}

async function writeAll(file: FileHandle, at: number, bytes: Uint8Array): Promise<void> {
  let written = 0
  while (written < bytes.length)
    written += (await file.write(bytes, written, bytes.length - written, at + written)).bytesWritten
}

function tellShort(path: string, size: number, bytes: number): PilothouseError {
  return new PilothouseError('internal', `The file ${path} has ${size} bytes, and ${bytes} of it were safe already.`, {
    hint: 'Something outside of the server changed it. Restore the folder «batches» of the data folder from a backup.',
  })
}

function forgiveMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
