import { readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { runCli } from './run-cli.ts'
import { forgetAllocator } from './server-node.ts'
import { makeWorld } from './world.ts'

forgetAllocator(process.env)
const version = readVersion()
process.exitCode = await runCli(process.argv.slice(2), makeWorld(process), version)
flushCompileCache()

function readVersion(): string {
  const value: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof value === 'object' && value !== null && 'version' in value ? String(value.version) : '0.0.0'
}
