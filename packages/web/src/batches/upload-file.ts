import type { FileObject } from '@pilothouse/contract'
import { PilothouseError } from '@pilothouse/contract/wire'
import { toError } from '@pilothouse/client'

type Upload = {
  url: string
  file: File
  signal: AbortSignal
  /** Bytes that are on their way or there. */
  onProgress: (sentBytes: number) => void
}

/**
 * Sends a file of requests; XMLHttpRequest, since fetch tells no progress.
 * @throws PilothouseError as the server states it; `unavailable` when it cannot be reached. AbortError once the signal says so.
 */
export async function uploadFile({ url, file, signal, onProgress }: Upload): Promise<FileObject> {
  const form = new FormData()
  form.append('purpose', 'batch')
  form.append('file', file)
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', url)
    request.responseType = 'json'
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(Math.min(loaded, file.size)))
    request.addEventListener('load', () => {
      const answer: unknown = request.response
      if (request.status === 200) resolve(answer as FileObject) // what this route answers with
      else reject(toError(answer))
    })
    request.addEventListener('error', () =>
      reject(new PilothouseError('unavailable', 'The file could not be sent: the server cannot be reached.')),
    )
    request.addEventListener('abort', () => reject(new DOMException('The upload was stopped.', 'AbortError')))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(form)
  })
}
