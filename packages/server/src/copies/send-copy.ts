import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { PilothouseError } from '@pilothouse/contract'
import type { FastifyReply } from 'fastify'
import { formatDisposition } from '../http/format-disposition.ts'
import type { CopyFiles } from './copy-files.ts'
import type { CopyRow } from './copies.ts'
import { measureTar, writeTar } from './write-tar.ts'

/**
 * A copy as a download: the file, or a tar archive of its folder. Whatever is in it, a browser only ever saves it.
 * @throws PilothouseError `conflict` when its files are not where they were put.
 */
export async function sendCopy(copy: CopyRow, files: CopyFiles, reply: FastifyReply): Promise<FastifyReply> {
  const folder = files.whole(copy)
  const { isFolder, files: content } = await files.readManifest(folder).catch((cause: unknown) => {
    throw gone(copy, cause)
  })
  const paths = content.map((one) => ({ ...one, path: files.file(folder, one.path), name: `${copy.name}/${one.path}` }))
  const [only] = paths
  for (const { path, bytes } of paths) {
    const found = await stat(path).catch((cause: unknown) => Promise.reject(gone(copy, cause)))
    if (found.size !== bytes) throw gone(copy, undefined)
  }
  reply
    .type('application/octet-stream')
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('x-content-type-options', 'nosniff')
    .header('content-disposition', formatDisposition(isFolder ? `${copy.name}.tar` : copy.name))
  if (!isFolder && only !== undefined)
    return reply.header('content-length', only.bytes).send(createReadStream(only.path, { highWaterMark: 1024 * 1024 }))
  const timeMs = (await stat(folder)).mtimeMs
  return reply.header('content-length', measureTar(paths)).send(Readable.from(writeTar(paths, timeMs)))
}

function gone({ name }: CopyRow, cause: unknown): PilothouseError {
  return new PilothouseError('conflict', `The files of the copy of «${name}» are not where they were put.`, {
    cause,
    hint: 'Where copies are kept on a disk of their own (PILOTHOUSE_COPIES), look whether it is mounted.',
  })
}
