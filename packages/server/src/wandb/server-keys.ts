/** The key of the user that the server runs as, where W&B's own tools find it: WANDB_API_KEY, else the netrc file. */
import { open } from 'node:fs/promises'
import { toWandbApi } from '@pilothouse/contract'
import type { ServerConfig } from '../config.ts'

export type ServerKey = { baseUrl: string; key: string; source: 'environment' | 'netrc' }

const netrcBytesMax = 64 * 1024

export class ServerKeys {
  readonly #config: ServerConfig['wandb']
  /** The server that WANDB_BASE_URL names, or the public service. */
  readonly baseUrl: string

  constructor(config: ServerConfig['wandb']) {
    this.#config = config
    this.baseUrl = toWandbApi(config.baseUrl)
  }

  /** Read anew each time: a `wandb login` counts at once. */
  async find(baseUrl: string): Promise<ServerKey | undefined> {
    const { apiKey, netrcFile } = this.#config
    if (apiKey !== null && baseUrl === this.baseUrl) return { baseUrl, key: apiKey, source: 'environment' }
    const text = netrcFile === null ? '' : await readStart(netrcFile)
    const key = findPassword(text, new URL(baseUrl).hostname)
    return key === undefined ? undefined : { baseUrl, key, source: 'netrc' }
  }
}

/** The password of a machine in a netrc file, as `machine api.wandb.ai login user password KEY`. */
export function findPassword(text: string, host: string): string | undefined {
  const words = text.split(/\s+/).filter(Boolean)
  let isIts = false
  for (let at = 0; at < words.length; at += 1) {
    if (words[at] === 'machine') isIts = words[at + 1] === host
    else if (words[at] === 'default') isIts = false
    else if (words[at] === 'password' && isIts) return words[at + 1]
  }
  return undefined
}

/** Empty where it cannot be read. */
async function readStart(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(netrcBytesMax), 0, netrcBytesMax, 0)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch {
    return ''
  }
}
