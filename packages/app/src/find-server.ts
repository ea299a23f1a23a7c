/**
 * Which control room a command speaks to, and with which token, in this order: what the command line says; PILOTHOUSE_URL
 * with PILOTHOUSE_TOKEN or PILOTHOUSE_TOKEN_FILE; `server.json` and the token file in the data folder.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findDataFolder } from './data-folder.ts'
import { CommandError } from './exit-code.ts'
import type { World } from './world.ts'

export type ServerOptions = { url?: string; token?: string; data?: string }
export type FoundServer = {
  url: string
  token: string
  /** The file that the token was read from, for those who hand it on. */
  tokenPath: string | null
}

/** Token files that a control room writes into its data folder. */
export type TokenFile = 'admin.token' | 'report.token'

/**
 * Finds the control room.
 * @throws CommandError `noServer` when none is known, `refused` when there is no token for it.
 */
export function findServer(options: ServerOptions, world: World, tokenFile: TokenFile = 'admin.token'): FoundServer {
  const folder = options.data ?? findDataFolder(world)
  const url = options.url ?? (options.data === undefined ? world.environment['PILOTHOUSE_URL'] || undefined : undefined)
  const running = readServerUrl(folder)
  if (url === undefined && running === undefined) throw noServer(folder)
  const chosen = (url ?? running ?? '').replace(/\/+$/, '')
  const found = readNamedToken(options, world) ?? readFolderToken({ folder, chosen, running, tokenFile })
  if (found !== undefined) return { url: chosen, ...found }
  throw new CommandError('refused', `There is no token for ${chosen}.`, {
    next: 'Give one with --token or PILOTHOUSE_TOKEN; `pilothouse token create` makes one where the control room runs.',
  })
}

function noServer(folder: string): CommandError {
  return new CommandError('noServer', 'No control room is known here.', {
    why: `${folder} has no server.json, so none has run with this data folder.`,
    next: 'Start one with `pilothouse serve`, or name one with --url, PILOTHOUSE_URL or --data.',
  })
}

type Token = Pick<FoundServer, 'token' | 'tokenPath'>

function readNamedToken({ token, data }: ServerOptions, { environment }: World): Token | undefined {
  if (token !== undefined) return { token, tokenPath: null }
  if (data !== undefined) return undefined
  const named = environment['PILOTHOUSE_TOKEN']
  if (named) return { token: named, tokenPath: null }
  const path = environment['PILOTHOUSE_TOKEN_FILE']
  return path ? readToken(path) : undefined
}

/** The token that a control room wrote into its data folder, or undefined. */
export function readTokenFile(folder: string, tokenFile: TokenFile): string | undefined {
  return readText(join(folder, tokenFile))?.trim()
}

type FolderToken = { folder: string; chosen: string; running: string | undefined; tokenFile: TokenFile }

/** The folder's own token goes to the folder's own server alone: whoever answers elsewhere must not learn it. */
function readFolderToken({ folder, chosen, running, tokenFile }: FolderToken): Token | undefined {
  return running !== undefined && running === chosen ? readToken(join(folder, tokenFile)) : undefined
}

function readToken(tokenPath: string): Token | undefined {
  const token = readText(tokenPath)?.trim()
  return token ? { token, tokenPath } : undefined
}

function readServerUrl(folder: string): string | undefined {
  const text = readText(join(folder, 'server.json'))
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    const url = typeof value === 'object' && value !== null && 'url' in value ? value.url : undefined
    return typeof url === 'string' ? url.replace(/\/+$/, '') : undefined
  } catch {
    return undefined // it is being written at this moment, or somebody has edited it: as if there were none
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // not there, or not ours to read: as if there were none
  }
}
