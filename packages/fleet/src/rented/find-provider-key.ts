/** Keys where the providers' own clients keep them. */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ProviderKind } from '@pilothouse/contract'

export type KeySearch = {
  environment: NodeJS.ProcessEnv
  /** That of this user by default. */
  home?: string | undefined
}

/** `source`: where it was, for words. `looked`: all places in which it could have been. */
export type FoundKey = { key: string; source: string } | { key: null; looked: readonly string[] }

/** A key is one word; a file of a key is no longer than this, bytes. */
const fileBytesMax = 64 * 1024

/** The environment goes before files, as with the clients. A file that cannot be read has no key. */
export async function findProviderKey(provider: ProviderKind, search: KeySearch): Promise<FoundKey> {
  const { variable, files } = listPlaces(provider, search)
  const own = variable === null ? '' : (search.environment[variable] ?? '').trim()
  if (variable !== null && isKey(own)) return { key: own, source: variable }
  for (const { path, read } of files) {
    const key = read((await readSmall(path)) ?? '')
    if (isKey(key)) return { key, source: path }
  }
  return { key: null, looked: [...(variable === null ? [] : [variable]), ...files.map(({ path }) => path)] }
}

type Places = { variable: string | null; files: { path: string; read: (text: string) => string }[] }

function listPlaces(provider: ProviderKind, { environment, home = homedir() }: KeySearch): Places {
  switch (provider) {
    case 'vast': {
      const config = environment['XDG_CONFIG_HOME'] || join(home, '.config')
      const paths = [join(config, 'vastai', 'vast_api_key'), join(home, '.vast_api_key')]
      return { variable: 'VAST_API_KEY', files: paths.map((path) => ({ path, read: (text) => text.trim() })) }
    }
    case 'runpod':
      return {
        variable: 'RUNPOD_API_KEY',
        files: [{ path: join(home, '.runpod', 'config.toml'), read: readRunpodKey }],
      }
    case 'mock':
      return { variable: null, files: [] }
    default:
      return provider satisfies never
  }
}

/** Its clients write `apikey = "…"`, the older one below `[default]` as `api_key`. */
function readRunpodKey(toml: string): string {
  return /^\s*api_?key\s*=\s*["']([^"']*)["']/im.exec(toml)?.[1]?.trim() ?? ''
}

/** Anything else could not stand in a header. */
function isKey(text: string): boolean {
  return /^[\x21-\x7e]{1,500}$/.test(text)
}

async function readSmall(path: string): Promise<string | null> {
  try {
    const text = await readFile(path, 'utf8')
    return text.length > fileBytesMax ? null : text
  } catch {
    return null // not there, or not ours: looked for in vain
  }
}
