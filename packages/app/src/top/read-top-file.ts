/** The file of `pilothouse top`: YAML or TOML by its name. Its reader is loaded only where there is a file. */
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { CommandError } from '../exit-code.ts'
import type { World } from '../world.ts'
import { checkTopSettings, type SettingFault } from './check-top-settings.ts'
import type { TopSettings } from './top-settings.ts'

/** A text as it was read: its value, and in which line something stands, from 1. */
type Parsed = { value: unknown; lineOf: (path: SettingFault['path']) => number }
type Place = Pick<World, 'environment' | 'home' | 'workingFolder'>

const names = ['top.yaml', 'top.yml', 'top.toml']
const shownFaults = 5

/** Where the file is looked for when nobody names one. */
export function listTopFiles({ environment, home }: Place): string[] {
  const folder = join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), 'pilothouse')
  return names.map((name) => join(folder, name))
}

/**
 * What the file says; nothing where there is none.
 * @throws CommandError `usage` that names file, line and what was expected
 */
export async function readTopFile(named: string | undefined, place: Place): Promise<TopSettings> {
  const found = named === undefined ? findFile(listTopFiles(place)) : { path: named, text: readNamed(named) }
  if (found === null) return {}
  const { path, text } = found
  const parsed = extname(path) === '.toml' ? await parseToml(text, path) : await parseYaml(text, path)
  const { settings, faults } = checkTopSettings(parsed.value)
  if (faults.length === 0) return settings
  const lines = faults.slice(0, shownFaults).map(({ path: at, message }) => `${path}:${parsed.lineOf(at)}: ${message}`)
  throw new CommandError('usage', lines.join('\n'), { next: 'docs/terminal.md has an example of this file.' })
}

function findFile(paths: readonly string[]): { path: string; text: string } | null {
  for (const path of paths) {
    const text = readText(path)
    if (text !== null) return { path, text }
  }
  return null
}

function readNamed(path: string): string {
  const text = readText(path)
  if (text !== null) return text
  throw new CommandError('usage', `There is no file ${path}.`, { next: 'Name one with --config, or leave it out.' })
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null
    throw new CommandError('usage', `${path} cannot be read.`, {
      cause,
      ...(cause instanceof Error && { why: cause.message }),
    })
  }
}

async function parseYaml(text: string, path: string): Promise<Parsed> {
  const { LineCounter, parseDocument } = await import('yaml')
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const [error] = document.errors
  if (error) throw refuse(path, counter.linePos(error.pos[0]).line, error.message)
  return {
    value: document.toJS({ maxAliasCount: 100 }) as unknown, // of any shape: it is checked
    lineOf(at) {
      for (let length = at.length; length > 0; length -= 1) {
        const node: unknown = document.getIn(at.slice(0, length), true)
        const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : null
        if (Array.isArray(range) && typeof range[0] === 'number') return counter.linePos(range[0]).line
      }
      return 1
    },
  }
}

async function parseToml(text: string, path: string): Promise<Parsed> {
  const { parse, TomlError } = await import('smol-toml')
  try {
    return { value: parse(text), lineOf: (at) => findTomlLine(text, at) }
  } catch (error) {
    if (error instanceof TomlError) throw refuse(path, error.line, error.message.split('\n')[0] ?? '')
    throw error
  }
}

/** TOML's reader tells no places: the line that begins with the name of the field, or its table, is it. */
function findTomlLine(text: string, path: SettingFault['path']): number {
  const keys = path.filter((step) => typeof step === 'string')
  const lines = text.split('\n')
  let found = 0
  for (const key of keys) {
    const at = lines.findIndex(
      (line, place) => place >= found && line.trim().replace(/^\[+/, '').replaceAll('"', '').startsWith(key),
    )
    if (at >= 0) found = at
  }
  return found + 1
}

function refuse(path: string, line: number, message: string): CommandError {
  return new CommandError('usage', `${path}:${line}: ${message}`, {
    next: 'docs/terminal.md has an example of this file.',
  })
}
