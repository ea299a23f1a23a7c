/** A job with checkpoints that are real files, and what it sends of them, for tests. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type Checkpoint,
  type CheckpointList,
  type CopyManifest,
  type CopyReceipt,
  commandKinds,
} from '@pilothouse/contract'
import type { Answer, TestServer } from '../http/test-server.ts'
import { sumOf } from './copy-task.ts'

export type Content = Record<string, Buffer>

/** Bytes that no two files have in common. */
export const content = (bytes: number): Buffer => randomBytes(bytes)

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function manifestOf(files: Content, isFolder = Object.keys(files).length > 1): CopyManifest {
  const list = Object.entries(files).map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: hashOf(bytes) }))
  return { files: list, isFolder, record: { version: 1, step: 3 } }
}

export class CopyJob {
  readonly #test: TestServer
  readonly uid: string
  #number = 0

  private constructor(test: TestServer, uid: string) {
    this.#test = test
    this.uid = uid
  }

  static async start(test: TestServer, uid: string): Promise<CopyJob> {
    const job = new CopyJob(test, uid)
    await job.ask('', { method: 'PUT', body: { name: uid } })
    await job.report({ steering: { controls: { kinds: commandKinds } }, state: { state: 'running', at: Date.now() } })
    return job
  }

  /** Below the job. As an admin, unless a token is given. */
  ask(path: string, question: Parameters<TestServer['ask']>[1] = {}): Promise<Answer> {
    return this.#test.ask(`/api/jobs/${this.uid}${path}`, { token: this.#test.tokens.admin, ...question })
  }

  async report(parts: object): Promise<void> {
    this.#number += 1
    const body = { attempt: 1, writer: 'w', number: this.#number, role: 'sdk', sentAt: Date.now(), ...parts }
    const { status, text } = await this.ask('/reports', { method: 'POST', body })
    if (status !== 200) throw new Error(text)
  }

  /** Says that it has written one. */
  async tell(name: string, { files, isFolder, record: _ }: CopyManifest, more: object = {}): Promise<Checkpoint> {
    const bytes = files.reduce((sum, one) => sum + one.bytes, 0)
    const sha256 = sumOf({ files, isFolder })
    const place = { name, kind: 'manual', at: Date.now(), step: 3, uri: `/far/${name}`, host: 'node7', tookMs: 1 }
    await this.report({ steering: { checkpoints: [{ ...place, bytes, sha256, ...more }] } })
    return this.checkpoint(name)
  }

  /** Writes one on this machine as the SDK does, and says so. `files`: those of a folder, or the one file under its name. */
  async write(folder: string, name: string, files: Content): Promise<Checkpoint> {
    const uri = join(folder, name)
    const manifest = manifestOf(files, !(name in files))
    for (const [path, bytes] of Object.entries(files)) {
      const file = manifest.isFolder ? join(uri, path) : uri
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, bytes)
    }
    const record = { version: 1, uid: this.uid, name, step: 3, sha256: sumOf(manifest) }
    await writeFile(`${uri}.pilothouse.json`, JSON.stringify(record))
    return this.tell(name, manifest, { uri, host: hostname() })
  }

  async checkpoint(name: string): Promise<Checkpoint> {
    const { checkpoints } = (await this.ask('/checkpoints')).json as CheckpointList // what this route answers with
    const found = checkpoints.find((one) => one.name === name)
    if (!found) throw new Error(`There is no checkpoint ${name}.`)
    return found
  }

  askCopy({ id }: { id: number }): Promise<Answer> {
    return this.ask(`/checkpoints/${id}/copy`, { method: 'POST' })
  }

  async say({ id }: { id: number }, manifest: CopyManifest): Promise<CopyReceipt> {
    const { status, json, text } = await this.ask(`/checkpoints/${id}/copy`, { method: 'PUT', body: manifest })
    if (status !== 200) throw new Error(text)
    return json as CopyReceipt // what this route answers with
  }

  part({ id }: { id: number }, place: { file: number; offset: number }, bytes: Buffer): Promise<Answer> {
    const path = `/checkpoints/${id}/copy/${place.file}?offset=${place.offset}`
    return this.ask(path, { method: 'PUT', body: bytes, headers: { 'content-type': 'application/octet-stream' } })
  }

  /** Sends all of it, from where it is. */
  async send(one: { id: number }, files: Content, manifest = manifestOf(files)): Promise<void> {
    const { received } = await this.say(one, manifest)
    for (const [file, { path, bytes }] of manifest.files.entries()) {
      const offset = received[file] ?? 0
      if (offset < bytes) await this.part(one, { file, offset }, files[path]?.subarray(offset) ?? Buffer.alloc(0))
    }
  }
}
