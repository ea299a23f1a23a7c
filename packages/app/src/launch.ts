#!/usr/bin/env node
/**
 * Entry of the published package: says what is missing to whoever has an older Node, which can read this file and not the
 * rest, and keeps compiled code between starts. npm makes a command of it, on Windows a .cmd.
 */
import module from 'node:module' // as a whole: an older Node has no `enableCompileCache` to import
import { homedir } from 'node:os'
import { join } from 'node:path'

const { env: environment, execPath, version, versions } = process

if (Number(versions.node.split('.')[0]) < 24) {
  console.error(`pilothouse: Node 24 or newer is needed; ${execPath} is ${version}.`)
  console.error('  → Install Node 24 and put it first on the PATH, then run the same command again.')
  process.exitCode = 1
} else {
  const caches = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  if (!environment['NODE_COMPILE_CACHE']) module.enableCompileCache(join(caches, 'pilothouse', 'compiled'))
  await import('./main.ts')
}
