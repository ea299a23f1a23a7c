import type { Sample } from '@pilothouse/contract'
import type { FastifyReply } from 'fastify'
import type { Resources } from '../resources.ts'

type Request = { uid: string; id: number; download: boolean; reply: FastifyReply; resources: Resources }

const endings: Record<Sample['type'], string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'application/json': 'json',
}

/**
 * The content of a sample. What a script made is nothing to trust: its type is what its bytes say, the browser may not
 * guess another, and opened by itself it runs in a sandbox without scripts. It never changes, so it may be kept.
 */
export async function sendSample({ uid, id, download, reply, resources }: Request): Promise<FastifyReply> {
  const { type, kind, bytes } = await resources.storage.call('samples.content', { uid, id })
  const inline = kind === 'image' && !download
  return reply
    .type(type)
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'private, max-age=31536000, immutable')
    .header('content-disposition', `${inline ? 'inline' : 'attachment'}; filename="${uid}-${id}.${endings[type]}"`)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}
