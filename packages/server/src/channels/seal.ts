/**
 * Secrets of channels, sealed by a key in the data folder, so that a copy of the database alone gives nothing away.
 * AES-256-GCM as in NIST SP 800-38D, a new nonce of 96 bits for each text.
 *
 *   sealed = «v1.» nonce «.» tag «.» ciphertext, each in base64url
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PilothouseError } from '@pilothouse/contract'

const keyFile = 'channels.key'
const keyBytes = 32
const nonceBytes = 12

export type Seal = {
  seal(text: string): string
  /** @throws PilothouseError `internal` when it was sealed by another key. */
  open(sealed: string): string
}

/** Reads the key of a data folder, or makes it, readable by its user only. */
export async function openSeal(dataFolder: string): Promise<Seal> {
  const key = await readKey(join(dataFolder, keyFile))
  return { seal: (text) => sealText(key, text), open: (sealed) => openText(key, sealed) }
}

async function readKey(path: string): Promise<Buffer> {
  try {
    await writeFile(path, randomBytes(keyBytes).toString('base64'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64')
  if (key.length === keyBytes) return key
  throw new PilothouseError('unavailable', `The key file ${path} is damaged.`, {
    hint: 'Bring it back from a backup; or remove it, and enter the addresses of the channels anew.',
  })
}

function sealText(key: Buffer, text: string): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return ['v1', ...[nonce, cipher.getAuthTag(), data].map((part) => part.toString('base64url'))].join('.')
}

function openText(key: Buffer, sealed: string): string {
  const [version, ...parts] = sealed.split('.')
  const [nonce, tag, data] = parts.map((part) => Buffer.from(part, 'base64url'))
  try {
    if (version !== 'v1' || !nonce || !tag || !data) throw new Error('not of this form')
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new PilothouseError('internal', 'The address of the channel was sealed by another key.', {
      cause,
      hint: `Bring ${keyFile} of the data folder back from a backup, or enter the address of the channel anew.`,
    })
  }
}
