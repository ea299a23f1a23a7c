/** Random access to the bytes of one file, wherever they are. */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { TensorFileError } from './tensor-file-error.ts'

export type TensorSource = {
  /** Bytes. */
  readonly size: number
  /**
   * Reads exactly `length` bytes, into `target` from its start where one is given.
   * @throws TensorFileError `torn` when the file ends before, `unreadable` when the disk does not give them.
   */
  read(offset: number, length: number, target?: Uint8Array): Promise<Uint8Array>
}

export type OpenSource = TensorSource & { close(): Promise<void> }

/**
 * Opens a local file.
 * @throws TensorFileError `missing` or `unreadable`.
 */
export async function openFileSource(path: string): Promise<OpenSource> {
  let file: FileHandle | undefined
  try {
    // Without waiting for a writer, if it is a pipe. Windows has neither.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const facts = await file.stat()
    if (!facts.isFile()) throw new TensorFileError('unreadable', `${path} is no file.`)
    return makeFileSource(file, facts.size)
  } catch (cause) {
    await file?.close()
    throw cause instanceof TensorFileError ? cause : tellTrouble(path, cause)
  }
}

/** What the file system says, as an error of this room. */
export function tellTrouble(path: string, cause: unknown): TensorFileError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new TensorFileError('missing', `There is nothing at ${path}.`, { cause })
  return new TensorFileError('unreadable', `${path} cannot be read (${code}).`, { cause })
}

function makeFileSource(file: FileHandle, size: number): OpenSource {
  return {
    size,
    async read(offset, length, target = new Uint8Array(length)) {
      checkRange({ offset, length, size })
      const bytes = target.subarray(0, length)
      for (let done = 0; done < length;) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done).catch((cause: unknown) => {
          throw tellTrouble('The file', cause)
        })
        if (bytesRead === 0) throw new TensorFileError('torn', 'The file became shorter while it was read.')
        done += bytesRead
      }
      return bytes
    },
    close: () => file.close(),
  }
}

/** @throws TensorFileError `torn` when the range does not lie in the file. */
export function checkRange({ offset, length, size }: { offset: number; length: number; size: number }): void {
  if (Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0) {
    if (offset + length <= size) return
    throw new TensorFileError('torn', `The file ends ${formatBytesLacking(offset + length - size)} too early.`)
  }
  throw new TensorFileError('malformed', 'A part of the file is said to lie outside of any file.')
}

/** `3,120 bytes`, as error messages have it. */
export function formatBytesLacking(count: number): string {
  return `${count.toLocaleString('en-US')} byte${count === 1 ? '' : 's'}`
}
