import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Client } from '@pilothouse/client'
import type { FileObject } from '@pilothouse/contract'
import { formatBytes } from '@pilothouse/signals'
import { CommandError } from './exit-code.ts'
import type { World } from './world.ts'

/** How often progress is shown on a terminal, ms. */
const progressMs = 100

type Upload = {
  path: string
  /** It is deleted by itself so long after it was made, s; null: it stays. */
  lifeSeconds: number | null
  signal: AbortSignal
}

/**
 * Sends a file as the input of a batch, as it is read, with progress on a terminal.
 * @throws CommandError where it cannot be read; PilothouseError where it is refused.
 */
export async function uploadFile(
  client: Client,
  { path, lifeSeconds, signal }: Upload,
  world: World,
): Promise<FileObject> {
  const size = await findSize(path)
  const boundary = `pilothouse-${randomUUID()}`
  const life = { 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': String(lifeSeconds) }
  const fields = { purpose: 'batch', ...(lifeSeconds === null ? {} : life) }
  const progress = makeProgress(size, world)
  const data = ReadableStream.from(writeForm({ path, boundary, fields }, progress.count))
  try {
    return await client.send('files.create', { type: `multipart/form-data; boundary=${boundary}`, data, signal })
  } finally {
    progress.end()
  }
}

/** null: it is no regular file, so nobody knows before. */
async function findSize(path: string): Promise<number | null> {
  try {
    const found = await stat(path)
    if (found.isDirectory())
      throw new CommandError('usage', `${path} is a folder.`, { next: 'Name a file of JSON lines.' })
    return found.isFile() ? found.size : null
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    throw new CommandError('notFound', `${path} cannot be read.`, { cause, next: 'Check its path and permissions.' })
  }
}

type Form = { path: string; boundary: string; fields: Record<string, string> }

/** `multipart/form-data` (RFC 7578): the fields first, then the file as it is read. */
async function* writeForm(
  { path, boundary, fields }: Form,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for (const [name, value] of Object.entries(fields))
    yield Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  const disposition = `Content-Disposition: form-data; name="file"; filename="${encodeName(basename(path))}"`
  yield Buffer.from(`--${boundary}\r\n${disposition}\r\nContent-Type: application/jsonl\r\n\r\n`)
  const chunks = createReadStream(path) as AsyncIterable<Uint8Array> // without an encoding chunks are bytes
  for await (const chunk of chunks) {
    yield chunk
    count(chunk.length)
  }
  yield Buffer.from(`\r\n--${boundary}--\r\n`)
}

/** As browsers write a name (WHATWG, «multipart/form-data encoding algorithm»). */
function encodeName(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function makeProgress(size: number | null, { stderr, now }: World) {
  let sent = 0
  let saidAt = now()
  let isShown = false
  return {
    count(bytes: number): void {
      sent += bytes
      if (!stderr.isTerminal || now() - saidAt < progressMs) return
      saidAt = now()
      isShown = true
      const of = size === null ? '' : ` of ${formatBytes(size)}, ${Math.min(100, Math.floor((100 * sent) / size))} %`
      stderr.write(`\r\u001B[K${formatBytes(sent)}${of} sent …`)
    },
    end(): void {
      if (isShown) stderr.write('\r\u001B[K')
    },
  }
}
