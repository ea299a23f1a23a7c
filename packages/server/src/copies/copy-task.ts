/** What is done with gigabytes, in a thread of its own: copying, and comparing with checksums. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { CopyManifest } from '@pilothouse/contract'
import { syncFolder } from '../storage/sync-folder.ts'

export type CopyTask =
  /** Copies a file or a folder to `to/files`, and says what was read. */
  | { kind: 'copy'; from: string; to: string; name: string }
  /** Compares what stands in `folder/files` with what was promised, and puts it on the disk. Gives the path of one that differs. */
  | { kind: 'settle'; folder: string; files: CopyManifest['files'] }
  /** Size and checksum of a file or a folder, at a calm pace. */
  | { kind: 'measure'; path: string; bytesPerSecond: number | null }

export type Measured = Pick<CopyManifest, 'files' | 'isFolder'> & { bytes: number; sha256: string }
export type CopyAnswers = { copy: Measured; settle: { differs: string | null }; measure: Measured }

export type FromCopyThread =
  | { type: 'progress'; bytes: number }
  | { type: 'answer'; value: CopyAnswers[keyof CopyAnswers] }
  | { type: 'failed'; code: string | null; message: string }

const chunkBytes = 1024 * 1024

/** @throws what the file system throws. */
export async function doCopyTask(
  task: CopyTask,
  progress: (bytes: number) => void,
): Promise<CopyAnswers[keyof CopyAnswers]> {
  switch (task.kind) {
    case 'copy':
      return readAll(task.from, { name: task.name, progress, into: join(task.to, 'files') })
    case 'settle':
      return settle(task, progress)
    case 'measure':
      return readAll(task.path, { name: '', progress, bytesPerSecond: task.bytesPerSecond })
    default:
      return task satisfies never
  }
}

type Reading = {
  /** What a single file is called. */
  name: string
  progress: (bytes: number) => void
  into?: string
  bytesPerSecond?: number | null
}

/**
 * Reads a checkpoint through. Checksum as in `measure` of python/src/pilothouse/_checkpoint_files.py: of a file that of its
 * bytes, of a folder that of its files' names and sums.
 */
async function readAll(path: string, how: Reading): Promise<Measured> {
  const pace = makePace(how.bytesPerSecond ?? null)
  const files: Measured['files'] = []
  const folders = new Set<string>()
  let isFolder = true
  let bytes = 0
  for await (const file of listFiles(path)) {
    isFolder = file !== path
    const name = isFolder ? relative(path, file) : how.name
    const target = how.into === undefined ? undefined : join(how.into, ...name.split('/'))
    if (target !== undefined) await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    const one = await readFile(file, target, async (read) => {
      bytes += read
      how.progress(bytes)
      await pace(bytes)
    })
    if (target !== undefined) folders.add(dirname(target))
    files.push({ path: name, ...one })
  }
  for (const folder of folders) await syncFolder(folder)
  return { bytes, files, isFolder, sha256: sumOf({ files, isFolder }) }
}

/** Checksum of a file, or of a folder with its files in the order of `listFiles`. */
export function sumOf({ files, isFolder }: Pick<CopyManifest, 'files' | 'isFolder'>): string {
  if (!isFolder) return files[0]?.sha256 ?? ''
  const whole = createHash('sha256')
  for (const { path, sha256 } of files) whole.update(`${path}\0${sha256}\n`)
  return whole.digest('hex')
}

/** The file itself, or the files of a folder before those of its folders, each by name; links are left out. */
async function* listFiles(path: string): AsyncGenerator<string> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (entries === undefined) {
    yield path
    return
  }
  const sorted = entries.toSorted((one, other) => compareText(one.name, other.name))
  for (const entry of sorted) if (entry.isFile()) yield join(path, entry.name)
  for (const entry of sorted) if (entry.isDirectory()) yield* listFiles(join(path, entry.name))
}

/** By code points, as Python sorts; not by UTF-16. */
function compareText(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one, 'utf8'), Buffer.from(other, 'utf8'))
}

async function readFile(
  path: string,
  target: string | undefined,
  note: (bytes: number) => Promise<void>,
): Promise<{ bytes: number; sha256: string }> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const source = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  let out: FileHandle | undefined
  try {
    if (!(await source.stat()).isFile()) throw new Error(`${path} is no file.`)
    out = target === undefined ? undefined : await open(target, 'w', 0o600)
    const sum = createHash('sha256')
    const room = new Uint8Array(chunkBytes)
    let bytes = 0
    for (;;) {
      const { bytesRead } = await source.read(room, 0, room.byteLength, bytes)
      if (bytesRead === 0) break
      const chunk = room.subarray(0, bytesRead)
      sum.update(chunk)
      await out?.writeFile(chunk)
      bytes += bytesRead
      await note(bytesRead)
    }
    await out?.datasync()
    return { bytes, sha256: sum.digest('hex') }
  } finally {
    await source.close()
    await out?.close()
  }
}

async function settle(
  { folder, files }: Extract<CopyTask, { kind: 'settle' }>,
  progress: (bytes: number) => void,
): Promise<CopyAnswers['settle']> {
  const folders = new Set([folder, join(folder, 'files')])
  let done = 0
  for (const { path, bytes, sha256 } of files) {
    const file = join(folder, 'files', ...path.split('/'))
    if (bytes === 0) await createEmpty(file)
    const found = await readFile(file, undefined, async (read) => progress((done += read)))
    if (found.bytes !== bytes || found.sha256 !== sha256) return { differs: path }
    await syncFile(file)
    for (let at = dirname(file); at.length > folder.length; at = dirname(at)) folders.add(at)
  }
  for (const one of folders) await syncFolder(one)
  return { differs: null }
}

/** Of an empty file no part ever comes. */
async function createEmpty(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await (await open(path, 'w', 0o600)).close()
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function makePace(bytesPerSecond: number | null): (bytes: number) => Promise<void> {
  const began = performance.now()
  return async (bytes) => {
    if (bytesPerSecond === null) return
    const aheadMs = (1000 * bytes) / bytesPerSecond - (performance.now() - began)
    if (aheadMs > 20) await new Promise((resolve) => setTimeout(resolve, aheadMs))
  }
}
