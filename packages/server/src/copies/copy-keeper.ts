/**
 * Keeps copies of checkpoints: takes what running jobs send, copies what lies on this machine, removes what is deleted. The
 * storage knows what there is to be; the disk, how much of it has come. So a stop or a kill loses no more than was under way.
 */
import type { Logger } from 'pino'
import {
  type CopyManifest,
  type CopyReceipt,
  PilothouseError,
  copyManifest,
  limits,
  parseOrRefuse,
} from '@pilothouse/contract'
import { isWrittenHere, readRecord } from '../checkpoints/written-here.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { type CopyFiles, type CopyPlace, readBytesMax } from './copy-files.ts'
import { sumOf } from './copy-task.ts'
import type { CopyRow, DueCopies } from './copies.ts'
import { CopyTaskError, runCopyTask } from './run-copy-task.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Without a word from anybody it looks again after so long, unless another time is given. */
const lookEveryMs = 10_000
/** How far a copy is, is told at most so often. */
const tellEveryMs = 1_000
/** Copies under way whose manifests are remembered. */
const sendingMax = 50

type Parts = {
  storage: Pick<StorageClient, 'call'>
  files: CopyFiles
  now: () => number
  logger: Pick<Logger, 'error'>
  lookMs?: number | undefined
}
type Sending = { manifest: CopyManifest; received: number[]; toldAt: number; isSettling: boolean }

export class CopyKeeper {
  readonly #parts: Parts
  /** Copies that jobs send, by their ids. */
  readonly #sending = new Map<number, Sending>()
  /** Of each copy one thing at a time. */
  readonly #turns = new Map<number, Promise<unknown>>()
  readonly #closing = new AbortController()
  #looking: Promise<void> | undefined
  #lookAgain = false
  #timer: NodeJS.Timeout | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  start(): void {
    this.wake()
  }

  /** Something is to be copied or removed. */
  wake(): void {
    if (this.#closing.signal.aborted) return
    this.#lookAgain = true
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
  }

  /** What is under way is broken off: it goes on with the next start. */
  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#timer)
    await this.#looking
    await Promise.allSettled(this.#turns.values())
  }

  /**
   * A job is about to send this, or asks how far it is.
   * @throws PilothouseError `invalid` when it is not the checkpoint that is known, `diskFull`.
   */
  async receive(copy: CopyRow, manifest: CopyManifest): Promise<CopyReceipt> {
    const known = this.#sending.get(copy.id)
    if (known?.isSettling === true) return { state: 'copying', reason: null, received: known.received }
    return this.#inTurn(copy.id, async () => {
      if (copy.state === 'copied' || copy.state === 'failed') return answer(copy, manifest)
      if (sumOf(manifest) !== copy.sha256) {
        throw new PilothouseError(
          'invalid',
          `This is not the checkpoint «${copy.name}»: its checksum is another one.`,
          {
            field: 'files',
          },
        )
      }
      const { files } = this.#parts
      if (await files.isWhole(copy)) {
        const received = manifest.files.map(({ bytes }) => bytes)
        await this.#move(copy, { state: 'copied', received: sum(received) })
        return { state: 'copied', reason: null, received }
      }
      await this.#refuseWhenFull(copy, () => files.begin(copy, manifest))
      const received = await files.measure(files.part(copy), manifest)
      const sending = { manifest, received, toldAt: this.#parts.now(), isSettling: false }
      this.#remember(copy.id, sending)
      await this.#move(copy, { state: 'copying', received: sum(received) })
      this.#settleWhenThere(copy, sending)
      return { state: 'copying', reason: null, received }
    })
  }

  /**
   * Bytes of one of its files. They are written only where they follow what is there.
   * @throws PilothouseError `conflict` when its manifest has to be sent first, `diskFull`, `invalid` for more than was promised.
   */
  receivePart(copy: CopyRow, place: { file: number; offset: number }, bytes: Buffer): Promise<CopyReceipt> {
    return this.#inTurn(copy.id, async () => {
      const sending = this.#sending.get(copy.id)
      const promised = sending?.manifest.files[place.file]
      const there = sending?.received[place.file]
      if (copy.state !== 'copying' || sending === undefined || promised === undefined || there === undefined)
        throw new PilothouseError('conflict', 'What is to be sent has to be said first.')
      if (bytes.byteLength > limits.copyPartBytesMax)
        throw new PilothouseError('tooLarge', `A part has at most ${limits.copyPartBytesMax} bytes.`)
      if (place.offset + bytes.byteLength > promised.bytes)
        throw new PilothouseError('invalid', `«${promised.path}» has ${promised.bytes} bytes, and this goes beyond.`, {
          field: 'offset',
        })
      if (place.offset === there && !sending.isSettling) {
        const { files } = this.#parts
        const path = files.file(files.part(copy), promised.path)
        try {
          await this.#refuseWhenFull(copy, () => files.append(path, bytes))
        } catch (error) {
          // Part of it may be there.
          this.#sending.delete(copy.id)
          throw error
        }
        sending.received[place.file] = there + bytes.byteLength
        await this.#tell(copy, sending)
        this.#settleWhenThere(copy, sending)
      }
      return { state: 'copying', reason: null, received: sending.received }
    })
  }

  async #tell(copy: CopyRow, sending: Sending): Promise<void> {
    const now = this.#parts.now()
    if (now - sending.toldAt < tellEveryMs) return
    sending.toldAt = now
    await this.#move(copy, { state: 'copying', received: sum(sending.received) })
  }

  /** Once all of it is there it is compared with what was promised, beside. */
  #settleWhenThere(copy: CopyRow, sending: Sending): void {
    if (sending.isSettling || sending.manifest.files.some(({ bytes }, at) => bytes !== sending.received[at])) return
    sending.isSettling = true
    void this.#inTurn(copy.id, async () => {
      const { files } = this.#parts
      const { signal } = this.#closing
      const folder = files.part(copy)
      try {
        const { differs } = await runCopyTask({ kind: 'settle', folder, files: sending.manifest.files }, { signal })
        if (differs === null) await this.#complete(copy, sum(sending.received))
        else await this.#fail(copy, `Other bytes of «${differs}» have come than were promised.`)
      } finally {
        this.#sending.delete(copy.id)
      }
    }).catch((error: unknown) => this.#note(error))
  }

  async #complete(copy: CopyPlace, received: number): Promise<void> {
    await this.#parts.files.finish(copy)
    await this.#move(copy, { state: 'copied', received })
  }

  async #look(): Promise<void> {
    while (this.#lookAgain && !this.#closing.signal.aborted) {
      this.#lookAgain = false
      try {
        await this.#serve(await this.#parts.storage.call('copies.due', null))
      } catch (error) {
        this.#note(error)
      }
    }
    clearTimeout(this.#timer)
    if (this.#closing.signal.aborted) return
    this.#timer = setTimeout(() => this.wake(), this.#parts.lookMs ?? lookEveryMs)
    this.#timer.unref()
  }

  async #serve({ local, removing, stale }: DueCopies): Promise<void> {
    const { files, storage } = this.#parts
    for (const one of removing) {
      await this.#inTurn(one.id, async () => {
        this.#sending.delete(one.id)
        await files.remove(one)
        await storage.call('copies.forget', { id: one.id })
      })
    }
    for (const one of stale) {
      await files.remove(one, { onlyPart: true })
      await storage.call('copies.clear', { id: one.id })
    }
    for (const one of local) await this.#inTurn(one.id, () => this.#copyHere(one))
  }

  /** Copies what an ended job has written on this machine. */
  async #copyHere(one: DueCopies['local'][number]): Promise<void> {
    const { files, now } = this.#parts
    const { signal } = this.#closing
    if (await files.isWhole(one)) return this.#move(one, { state: 'copied', received: 0 })
    try {
      const found = await isWrittenHere(one)
      if (!found.isHere) return await this.#fail(one, found.reason)
      const folder = await files.beginLocal(one, one.bytes)
      let toldAt = now()
      const onProgress = (bytes: number): void => {
        if (now() - toldAt < tellEveryMs) return
        toldAt = now()
        this.#move(one, { state: 'copying', received: bytes }).catch((error: unknown) => this.#note(error))
      }
      const task = { kind: 'copy', from: one.uri, to: folder, name: one.name } as const
      const { sha256, bytes, ...content } = await runCopyTask(task, { signal, onProgress })
      if (sha256 !== one.sha256)
        return await this.#fail(one, `${one.uri} is not what was written: its checksum is another one.`)
      const manifest = parseOrRefuse(copyManifest, { ...content, record: { ...(await readRecord(one.uri)) } })
      await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest), { mode: 0o600, flush: true })
      await this.#complete(one, bytes)
    } catch (error) {
      if (signal.aborted) return
      await this.#fail(one, describe(error))
    }
  }

  /** What has come is thrown away: its bytes are wrong, or there is no room for the rest. */
  async #fail(copy: CopyPlace, reason: string): Promise<void> {
    this.#sending.delete(copy.id)
    await this.#parts.files.remove(copy, { onlyPart: true })
    await this.#move(copy, { state: 'failed', reason, received: 0 })
  }

  async #refuseWhenFull(copy: CopyPlace, write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      const known = isNoRoom(error)
        ? new PilothouseError('diskFull', 'The disk for copies of the control room is full.', { cause: error })
        : error
      if (known instanceof PilothouseError && known.code === 'diskFull')
        await this.#fail(copy, `${known.message} ${known.hint}`)
      throw known
    }
  }

  async #move(
    { id }: CopyPlace,
    to: { state: 'copying' | 'copied' | 'failed'; received: number; reason?: string },
  ): Promise<void> {
    await this.#parts.storage.call('copies.move', { id, ...to })
  }

  #remember(id: number, sending: Sending): void {
    this.#sending.delete(id)
    this.#sending.set(id, sending)
    // A job whose copy is forgotten says again what it sends.
    const [oldest] = this.#sending.keys()
    if (this.#sending.size > sendingMax && oldest !== undefined) this.#sending.delete(oldest)
  }

  async #inTurn<Result>(id: number, work: () => Promise<Result>): Promise<Result> {
    const before = this.#turns.get(id) ?? Promise.resolve()
    const turn = before.catch(() => undefined).then(work)
    this.#turns.set(id, turn)
    try {
      return await turn
    } finally {
      if (this.#turns.get(id) === turn) this.#turns.delete(id)
    }
  }

  #note(error: unknown): void {
    if (!this.#closing.signal.aborted)
      this.#parts.logger.error({ err: error }, 'a copy of a checkpoint could not be kept')
  }
}

/** Bytes of a file of a whole copy, from `offset` on; none at its end. */
export async function readCopyPart(
  files: CopyFiles,
  copy: CopyPlace,
  { file, offset }: { file: number; offset: number },
): Promise<Buffer> {
  const folder = files.whole(copy)
  const found = (await files.readManifest(folder)).files[file]
  if (!found) throw new PilothouseError('notFound', `The copy has no file ${file}.`, { field: 'file' })
  return files.read(files.file(folder, found.path), offset, readBytesMax)
}

function answer({ state, reason }: CopyRow, { files }: CopyManifest): CopyReceipt {
  return { state, reason, received: files.map(({ bytes }) => (state === 'copied' ? bytes : 0)) }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

function isNoRoom(error: unknown): boolean {
  const code = error instanceof CopyTaskError || (error instanceof Error && 'code' in error) ? error.code : null
  return code === 'ENOSPC' || code === 'EDQUOT'
}

function describe(error: unknown): string {
  if (isNoRoom(error)) return 'The disk for copies of the control room is full.'
  if (error instanceof PilothouseError) return `${error.message} ${error.hint}`
  return error instanceof Error ? error.message : String(error)
}
