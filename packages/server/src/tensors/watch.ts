import { TensorFileError } from './tensor-file-error.ts'

/** What long work is watched with. */
export type Watch = {
  /** ms, monotonic. */
  clock: () => number
  signal: AbortSignal
  /** Told after each slice. */
  progress(bytesDone: number, bytesTotal: number): void
}

/** @throws TensorFileError `cancelled` */
export function throwIfCancelled({ signal }: Watch): void {
  if (signal.aborted) throw new TensorFileError('cancelled', 'It was broken off.')
}
