#!/usr/bin/env node
/**
 * Entry of the published package: says what is missing to whoever has an older Node, which can read this file and not the
 * rest, and keeps compiled code between starts. npm makes a command of it, on Windows a .cmd.
 */
import module from 'node:module' // as a whole: an older Node has no `enableCompileCache` to import
import { homedir } from 'node:os'
import { join } from 'node:path'

const { argv, env: environment, execArgv, execPath, platform, version, versions } = process

/** Of a server: `server-node.ts` says why. This file imports nothing: an older Node reads it. */
const serverRoom = ['--max-semi-space-size=2', '--expose-gc']
const serverAllocator = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' }
/** Of a screen that is open all day; `topNodeFlags` of the terminal says why. */
const smallRoom = ['--max-semi-space-size=1', '--optimize-for-size', '--no-opt', '--no-maglev', '--expose-gc']

if (Number(versions.node.split('.')[0]) < 24) {
  console.error(`pilothouse: Node 24 or newer is needed; ${execPath} is ${version}.`)
  console.error('  → Install Node 24 and put it first on the PATH, then run the same command again.')
  process.exitCode = 1
} else {
  const isServer = argv[2] === 'serve' || argv[2] === 'demo'
  const isScreen = argv[2] === 'top'
  const room = isServer ? serverRoom : isScreen ? smallRoom : []
  if (platform !== 'win32' && room.some((flag) => !execArgv.includes(flag))) {
    const given = isServer ? { ...serverAllocator, ...environment } : environment
    // The room is set when a process begins: this one begins again as itself.
    process.execve?.(execPath, [execPath, ...room, ...execArgv, ...argv.slice(1)], given)
  }
  const caches = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  if (!environment['NODE_COMPILE_CACHE']) module.enableCompileCache(join(caches, 'pilothouse', 'compiled'))
  await (isScreen ? import('./top/top.ts') : import('./main.ts'))
}
