/**
 * Builds the command and its threads into `packages/app/dist` when a source is newer than what is there: the launcher of a
 * checkout starts them in a third of the time that the sources take, and goes back to the sources once one is newer.
 */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { findNewest } from './newest.ts'
import { bundleProgram } from './package/bundle-program.ts'

/** Parts of an earlier program are kept so long: one that runs may still load them. */
const keptMs = 24 * 60 * 60 * 1000

export const programFolder = 'packages/app/dist'
/** Written last, and as old as the sources were: whoever finds it finds a whole program. */
const mark = 'main.js'

export async function buildProgram(): Promise<void> {
  const begun = Date.now()
  if (findNewest(['packages/*/src/**/*', 'package-lock.json']) < findNewest([join(programFolder, mark)])) return
  mkdirSync(programFolder, { recursive: true })
  const fresh = mkdtempSync(join(programFolder, 'building-'))
  try {
    await bundleProgram(fresh)
    utimesSync(join(fresh, mark), begun / 1000, begun / 1000)
    const names = readdirSync(fresh)
    for (const name of [...names.filter((one) => one !== mark), mark])
      renameSync(join(fresh, name), join(programFolder, name))
    removeOld(new Set(names), begun)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

function removeOld(wanted: ReadonlySet<string>, now: number): void {
  for (const name of readdirSync(programFolder)) {
    const path = join(programFolder, name)
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now
    if (!wanted.has(name) && changed < now - keptMs) rmSync(path, { recursive: true, force: true })
  }
}

if (import.meta.main) await buildProgram()
