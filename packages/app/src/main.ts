import { readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { runCli } from './run-cli.ts'
import { makeWorld } from './world.ts'

// `pilothouse jobs | head` closes the pipe early: that is no fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

const version = readVersion()
process.exitCode = await runCli(process.argv.slice(2), makeWorld(process), version)
flushCompileCache()

function readVersion(): string {
  const value: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof value === 'object' && value !== null && 'version' in value ? String(value.version) : '0.0.0'
}
