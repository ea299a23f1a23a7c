import { type Client, createClient } from '@pilothouse/client'
import { PilothouseError } from '@pilothouse/contract'
import { findDataFolder } from './data-folder.ts'
import { CommandError } from './exit-code.ts'
import { findServer, readTokenFile, type ServerOptions } from './find-server.ts'
import { startServer } from './start-server.ts'
import type { World } from './world.ts'

/**
 * Does something with tokens: at the control room that runs, or, when the data folder's own one does not run, by opening
 * the data folder for a moment.
 */
export async function useAccess<Result>(
  options: ServerOptions,
  { world, version }: { world: World; version: string },
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  try {
    const { url, token } = findServer(options, world)
    return await work(createClient({ baseUrl: url, token }))
  } catch (error) {
    if (!isAbsent(error) || isElsewhere(options, world)) throw error
    return openForAMoment({ dataFolder: options.data ?? findDataFolder(world), world, version }, work)
  }
}

type Opening = { dataFolder: string; world: World; version: string }

async function openForAMoment<Result>(
  { dataFolder, world, version }: Opening,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const settings = { host: '127.0.0.1', port: 0, webFolder: null }
  const { server } = await startServer({ dataFolder, version, settings }, world)
  try {
    const token = readTokenFile(dataFolder, 'admin.token')
    return await work(createClient({ baseUrl: server.url, ...(token === undefined ? {} : { token }) }))
  } finally {
    await server.close()
  }
}

function isAbsent(error: unknown): boolean {
  if (error instanceof CommandError) return error.exit === 'noServer'
  return error instanceof PilothouseError && error.code === 'unavailable'
}

/** A control room that was named by its address is not ours to open. */
function isElsewhere(options: ServerOptions, { environment }: World): boolean {
  return options.url !== undefined || (options.data === undefined && Boolean(environment['PILOTHOUSE_URL']))
}
