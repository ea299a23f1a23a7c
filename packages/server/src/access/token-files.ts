/** The two token files of a data folder, and `server.json`. What tools on this machine find the server by. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Role } from '@pilothouse/contract'
import type { StorageClient } from '../storage/storage-client.ts'
import type { Access } from './access.ts'
import { hashSecret } from './secret.ts'

/** `report.token` writes telemetry and sees nothing; `admin.token` may do everything. */
const tokenFiles = [
  { file: 'report.token', role: 'reporter' },
  { file: 'admin.token', role: 'admin' },
] as const satisfies readonly { file: string; role: Role }[]

type Parts = { folder: string; storage: StorageClient; access: Access; memberId: number }

/** Makes each token file, unless what it holds is still good. */
export async function ensureTokenFiles({ folder, storage, access, memberId }: Parts): Promise<void> {
  for (const { file, role } of tokenFiles) {
    const path = join(folder, file)
    const secret = (await readText(path))?.trim()
    const known = secret ? await storage.call('access.find-token', { hash: hashSecret(secret) }) : null
    if (known && !known.revoked && known.kind === 'token' && known.role === role && known.expiresAt === null) continue
    const token = await access.createToken({ name: file, memberId, role, by: null })
    await writePrivate(path, `${token.secret}\n`)
  }
}

/** What a running server says of itself to tools on this machine. */
export type ServerFile = { url: string; pid: number; version: string }
const serverFile = 'server.json'

export function writeServerFile(folder: string, content: ServerFile): Promise<void> {
  return writePrivate(join(folder, serverFile), `${JSON.stringify(content)}\n`)
}

export function removeServerFile(folder: string): Promise<void> {
  return rm(join(folder, serverFile), { force: true })
}

/** Readable by the user only from its first byte on, and never half-written. */
async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, path)
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
