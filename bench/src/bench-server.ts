/** A control room of its own for a measurement: a real process with data in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findDatabase } from './bench-database.ts'

/** The command of this checkout. */
export const launcher = fileURLToPath(new URL('../../packages/app/bin/pilothouse', import.meta.url))
const packed = fileURLToPath(new URL('../../dist/pilothouse/dist/launch.js', import.meta.url))

/** The launcher of the built package, where `npm run package` has made one. */
export function findPacked(): string | undefined {
  return existsSync(packed) ? packed : undefined
}

export type BenchServer = {
  url: string
  pid: number
  adminToken: string
  /** From the start of the process to «ready», ms. */
  startMs: number
  /** Ends the process; the data stay. */
  stop(): Promise<void>
}

export type BenchPlace = { dataFolder: string; cacheFolder: string; remove(): void }

/** Temporary folders for data and compiled code. */
export function makePlace(): BenchPlace {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-bench-'))
  return {
    dataFolder: join(folder, 'data'),
    cacheFolder: join(folder, 'cache'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Starts a control room and waits until it accepts requests. */
export async function startBenchServer(
  { dataFolder, cacheFolder }: BenchPlace,
  program: string = launcher,
): Promise<BenchServer> {
  const databaseUrl = await findDatabase(dataFolder)
  const database = databaseUrl === undefined ? {} : { PILOTHOUSE_DATABASE: databaseUrl }
  const startedAt = performance.now()
  const child = spawn(program, ['serve', '--port', '0', '--data', dataFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...database, NODE_COMPILE_CACHE: cacheFolder },
  })
  const url = await readUrl(child)
  return {
    url,
    pid: child.pid ?? 0,
    adminToken: readFileSync(join(dataFolder, 'admin.token'), 'utf8').trim(),
    startMs: performance.now() - startedAt,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString()
      const url = /pilothouse ready (\S+)/.exec(text)?.[1]
      if (url !== undefined) resolve(url)
    })
    child.once('exit', (code) => reject(new Error(`The server ended with ${code ?? 'a signal'} before it was ready.`)))
  })
}
