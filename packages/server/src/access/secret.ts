/** Secrets of tokens, sessions and links: 256 random bits behind a prefix that secret scanners can find. */
import { hash, randomBytes } from 'node:crypto'

export const secretPrefix = 'ph_'
const secretBytes = 32

/** A new secret. It is shown once; only its hash is kept. */
export function makeSecret(): string {
  return secretPrefix + randomBytes(secretBytes).toString('base64url')
}

/** What is kept of a secret. With 256 random bits in it, a plain hash cannot be turned back. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex')
}
