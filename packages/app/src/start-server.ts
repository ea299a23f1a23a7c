import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PilothouseError } from '@pilothouse/contract'
import type { RunningServer, ServerConfig } from '@pilothouse/server'
import { CommandError } from './exit-code.ts'
import { findSdk, house } from './find-house.ts'
import type { World } from './world.ts'

export type StartOptions = {
  dataFolder: string
  /** Outweighs the environment. */
  databaseUrl?: string | undefined
  version: string
  settings: Partial<ServerConfig>
}
export type StartedServer = { server: RunningServer; isFirstStart: boolean; wantedPort: number }

/** Where the built page lies, in the package or in a checkout; null while it has not been built. */
export function findPage(): string | null {
  const folders = [join(house, 'page'), join(house, 'packages/web/dist')]
  return folders.find((folder) => existsSync(join(folder, 'index.html'))) ?? null
}

/**
 * Starts the control room in this process.
 * @throws CommandError in the words of a person.
 */
export async function startServer(
  { dataFolder, databaseUrl, version, settings }: StartOptions,
  world: World,
): Promise<StartedServer> {
  // Loaded here, because every other command does without it: 0.3 s and 40 MB.
  const { createServer, readConfig } = await import('@pilothouse/server')
  const isFirstStart = !existsSync(join(dataFolder, 'pilothouse.lock'))
  try {
    const parts = { PILOTHOUSE_WEB: findPage() ?? '', PILOTHOUSE_SDK: findSdk() ?? '' }
    const named = databaseUrl === undefined ? {} : { PILOTHOUSE_DATABASE: databaseUrl }
    const environment = { ...parts, ...world.environment, ...named, PILOTHOUSE_DATA: dataFolder }
    const config = { ...readConfig(environment, version), ...settings }
    return { server: await createServer(config), isFirstStart, wantedPort: config.port }
  } catch (error) {
    if (!(error instanceof PilothouseError)) throw error
    throw new CommandError('failed', error.message, { next: error.hint, cause: error })
  }
}

/** What is said when the port that was wanted is taken; undefined when it was free. */
export function describePort({ server, wantedPort }: StartedServer): string | undefined {
  if (wantedPort === 0 || server.port === wantedPort) return undefined
  return `Port ${wantedPort} is taken, so it is ${server.port}.`
}
