/** A disk of the lab that a test may fill up and relieve. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type SmallDisk = {
  /** Words before a command that runs it where the disk is. */
  enter: readonly string[]
  /** The disk's folder as it is seen from outside. */
  outside: string
  /** Takes all the room that is left. */
  fill(): void
  /** Gives it back. */
  relieve(): void
  /** Takes it away, with all that is on it. What uses it should have ended. */
  stop(): Promise<void>
}

const partBytes = 4096

/**
 * Puts a disk of so many megabytes on a folder that exists.
 * @throws Error when this machine allows no mount namespaces; the message says what is missing.
 */
export async function startSmallDisk(folder: string, megabytes: number): Promise<SmallDisk> {
  const script = fileURLToPath(new URL('small-disk', import.meta.url))
  const child = spawn(script, [folder, `${megabytes}m`], { stdio: 'pipe' })
  const said: string[] = []
  child.stderr.on('data', (bytes: Buffer) => said.push(bytes.toString()))
  const closed = once(child, 'close').then(() => [''])
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), closed])
  const [word, id = '', ...options] = String(line).split(/ +/)
  if (word !== 'ready') throw new Error(`There is no disk for the test. ${said.join('').trim()}`)
  const outside = `/proc/${id}/root${folder}`
  const ballast = join(outside, 'ballast')
  return {
    enter: ['nsenter', '-t', id, ...options],
    outside,
    fill: () => fillFile(ballast),
    relieve: () => rmSync(ballast, { force: true }),
    stop: async () => {
      child.stdin.end()
      await closed
    },
  }
}

/** Appends until nothing more goes in. */
function fillFile(path: string): void {
  const file = openSync(path, 'a')
  const part = new Uint8Array(partBytes)
  try {
    for (;;) writeSync(file, part)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(file)
  }
}
