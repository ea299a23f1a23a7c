/**
 * Whether the files of a checkpoint are where they were written, and as large. Only what is known to be so is a fault: a
 * folder that cannot be read, a disk that is not mounted or an unknown record say nothing about them.
 */
import type { Stats } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { formatBytes } from '@pilothouse/signals'
import { type CheckpointPlace, isWrittenHere, readRecord } from './written-here.ts'

export type LookedFor = CheckpointPlace & {
  bytes: number
  sha256: string | null
  /** The disk on which they were seen last. */
  device: string | null
}
export type Look = {
  state: 'present' | 'missing' | 'corrupt' | 'hidden'
  reason: string | null
  device: string | null
}

/** Files of a folder whose sizes are looked at. */
const filesMax = 20_000

/** On this machine. Never throws for what the disk says. */
export async function lookForFiles(asked: LookedFor): Promise<Look> {
  const { uri, device: before } = asked
  const say = (state: Look['state'], reason: string | null, device = before): Look => ({ state, reason, device })
  const folder = await statOrCode(dirname(uri))
  if (typeof folder === 'string') return say('hidden', explainFolder(dirname(uri), folder))
  const device = String(folder.dev)
  try {
    const found = await lstatOrCode(uri)
    if (found === 'ENOENT' && before !== null && before !== device)
      return say('hidden', `${dirname(uri)} is on another disk than before: its own may not be mounted.`)
    if (found === 'ENOENT') return say('missing', `${uri} is not there any more.`)
    if (typeof found === 'string') return say('hidden', `${uri} cannot be looked at (${found}).`)
    const written = await isWrittenHere(asked)
    if (!written.isHere) return say('hidden', written.reason)
    const record = await readRecord(uri)
    if (record?.sha256 !== asked.sha256)
      return say('hidden', `${uri} has been written again, and the job has not told of it yet.`)
    const bytes = found.isDirectory() ? await measureFolder(uri) : found.size
    if (bytes === null) return say('hidden', `${uri} has more than ${filesMax} files.`)
    if (bytes === asked.bytes) return say('present', null, device)
    return say('corrupt', `${uri} has ${spell(bytes)} instead of ${spell(asked.bytes)}.`, device)
  } catch (error) {
    return say('hidden', `${uri} cannot be looked at (${codeOf(error)}).`)
  }
}

function spell(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${formatBytes(bytes)} (${bytes} B)`
}

function explainFolder(folder: string, code: string): string {
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? `${folder} is not there: its disk may not be mounted.`
    : `${folder} cannot be read (${code}).`
}

/** null for more files than are looked at. */
async function measureFolder(folder: string): Promise<number | null> {
  let bytes = 0
  let files = 0
  const waiting = [folder]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true })) {
      const path = join(next, entry.name)
      if (entry.isDirectory()) waiting.push(path)
      if (!entry.isFile()) continue
      bytes += (await lstat(path)).size
      files += 1
      if (files > filesMax) return null
    }
  }
  return bytes
}

function statOrCode(path: string): Promise<Stats | string> {
  return stat(path).catch(codeOf)
}

function lstatOrCode(path: string): Promise<Stats | string> {
  return lstat(path).catch(codeOf)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
