import type { Command } from 'commander'
import { type Client, createClient } from '@pilothouse/client'
import { findServer, type ServerOptions } from './find-server.ts'
import type { World } from './world.ts'

/** Options of every command that speaks to a control room. */
export function addServerOptions(command: Command): Command {
  return command
    .option('--url <url>', 'control room to ask (PILOTHOUSE_URL)')
    .option('--token <token>', 'token to show it (PILOTHOUSE_TOKEN, PILOTHOUSE_TOKEN_FILE)')
    .option('--data <folder>', 'data folder of a control room on this machine (PILOTHOUSE_DATA)')
}

/** A client for the control room that the options, the environment or the data folder name. */
export function connect(options: ServerOptions, world: World): Client {
  const { url, token } = findServer(options, world)
  return createClient({ baseUrl: url, token })
}
