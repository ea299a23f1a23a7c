#!/usr/bin/env node
/**
 * Entry of the published package: says what is missing to whoever has an older Node, which can read this file and not the
 * rest, and keeps compiled code between starts. npm makes a command of it, on Windows a .cmd.
 */
import module from 'node:module' // as a whole: an older Node has no `enableCompileCache` to import
import { homedir } from 'node:os'
import { join } from 'node:path'

const { argv, env: environment, execArgv, execPath, platform, version, versions } = process

/** Room for short-lived objects, MB for each of its halves; V8 alone lets a server's grow to 67, and keeps it. */
const youngRoom = '--max-semi-space-size=16'

if (Number(versions.node.split('.')[0]) < 24) {
  console.error(`pilothouse: Node 24 or newer is needed; ${execPath} is ${version}.`)
  console.error('  → Install Node 24 and put it first on the PATH, then run the same command again.')
  process.exitCode = 1
} else {
  const isServer = argv[2] === 'serve' || argv[2] === 'demo'
  if (isServer && platform !== 'win32' && !execArgv.includes(youngRoom)) {
    // The room is set when a process begins: this one begins again as itself.
    process.execve?.(execPath, [execPath, youngRoom, ...execArgv, ...argv.slice(1)], environment)
  }
  const caches = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  if (!environment['NODE_COMPILE_CACHE']) module.enableCompileCache(join(caches, 'pilothouse', 'compiled'))
  await import('./main.ts')
}
