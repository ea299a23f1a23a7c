/** Starts a server from the environment, for developing: `node --watch src/development.ts`. Users start `pilothouse serve`. */
import { enableCompileCache } from 'node:module'
import { PilothouseError } from '@pilothouse/contract'
import { readConfig } from './config.ts'

enableCompileCache()

try {
  const { createServer } = await import('./create-server.ts')
  const server = await createServer(readConfig(process.env, '0.1.0-development'))
  process.stdout.write(`pilothouse ready ${server.url}\n${server.link()}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close())
} catch (error) {
  if (!(error instanceof PilothouseError)) throw error
  process.stderr.write(`${error.message}\n${error.hint}\n`)
  process.exitCode = 1
}
