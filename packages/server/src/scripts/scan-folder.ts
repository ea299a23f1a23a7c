/** Files of a project that matter for its arguments, found without running anything and without following links. */
import { createHash } from 'node:crypto'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScriptChoices } from '@pilothouse/contract'

export type FolderScan = {
  scripts: ScriptChoices['scripts']
  more: boolean
  /** Differs when a file differs that arguments may come from. */
  state: string
}

const depthMax = 8
/** Entries of folders that are looked at, scripts that are read, and bytes of each. */
const entriesMax = 20_000
const readMax = 500
const headBytes = 64 * 1024
const shownMax = 200
const skipped = new Set(['node_modules', '__pycache__', 'site-packages', 'outputs', 'multirun', 'wandb', 'mlruns'])
const telling = /\.(py|ya?ml|toml|json|cfg|ini)$/i

export async function scanFolder(folder: string): Promise<FolderScan> {
  const { files, isCut } = await listFiles(folder)
  const scripts: ScriptChoices['scripts'] = []
  const paths = files.filter((path) => path.endsWith('.py'))
  for (const path of paths.slice(0, readMax)) {
    const script = judgeScript(path, await readHead(join(folder, path)))
    if (script.kind !== null || script.isMain) scripts.push(script)
  }
  scripts.sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1))
  const more = isCut || paths.length > readMax || scripts.length > shownMax
  return { scripts: scripts.slice(0, shownMax), more, state: await hashState(folder, files) }
}

/** How a script seems to take its arguments, told from its text. */
export function judgeScript(path: string, text: string): ScriptChoices['scripts'][number] {
  const name = path.split('/').at(-1) ?? path
  const isMain =
    /^if\s+__name__\s*==\s*['"]__main__['"]/m.test(text) ||
    /^(pre)?(train|main|run|finetune|fit|eval)[\w-]*\.py$/.test(name)
  return { path, kind: judgeKind(text), isMain: isMain && !/^(test_.*|conftest|setup)\.py$/.test(name) }
}

function judgeKind(text: string): ScriptChoices['scripts'][number]['kind'] {
  if (/@hydra\.main\b|^\s*from\s+hydra\s+import\s+.*\bmain\b/m.test(text)) return 'hydra'
  if (/\b(jsonargparse|LightningCLI)\b/.test(text)) return 'jsonargparse'
  if (/\b(ArgumentParser|HfArgumentParser)\s*\(/.test(text)) return 'argparse'
  return /^\s*(import|from)\s+(click|typer|fire|tyro|docopt|cyclopts)\b/m.test(text) ? 'other' : null
}

/** Those that somebody would start, the outermost first. */
function rank({ path, kind, isMain }: ScriptChoices['scripts'][number]): number {
  return (isMain ? 0 : 100) + (kind === null ? 50 : 0) + path.split('/').length
}

async function listFiles(folder: string): Promise<{ files: string[]; isCut: boolean }> {
  const files: string[] = []
  const waiting: [path: string, depth: number][] = [['', 0]]
  let entries = 0
  for (let next = waiting.shift(); next && entries < entriesMax; next = waiting.shift()) {
    const [path, depth] = next
    const found = await readdir(join(folder, path), { withFileTypes: true }).catch(() => [])
    // An environment of Python, with all of its libraries.
    if (path !== '' && found.some(({ name }) => name === 'pyvenv.cfg')) continue
    for (const entry of found) {
      entries += 1
      const inside = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isFile() && telling.test(entry.name)) files.push(inside)
      const isOpen = entry.isDirectory() && !entry.name.startsWith('.') && !skipped.has(entry.name)
      if (isOpen && depth < depthMax) waiting.push([inside, depth + 1])
    }
  }
  return { files: files.toSorted(), isCut: entries >= entriesMax }
}

async function readHead(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined)
  if (!file) return '' // it went away, or may not be read
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch {
    return ''
  } finally {
    await file.close()
  }
}

async function hashState(folder: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of files) {
    const found = await stat(join(folder, path)).catch(() => undefined)
    hash.update(`${path}\0${found?.size ?? ''}\0${found?.mtimeMs ?? ''}\0`)
  }
  return hash.digest('hex')
}
