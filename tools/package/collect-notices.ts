/** The licences of everything that the package is built from, as their texts ask for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

type Manifest = {
  name: string
  version?: string
  license?: string
  dependencies?: Record<string, string>
}
type Part = { name: string; version: string; licence: string; text: string }

/** Licences that ask of a copy no more than that their text goes with it. */
const allowed = [
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'OFL-1.1',
  'BlueOak-1.0.0',
  'Unlicense',
]
/** Style sheets are copied out of these at build time, though nothing depends on them at run time. */
const buildParts = ['tailwindcss']

/**
 * Every package that a workspace depends on, directly or not, with its licence. More than what ends up in the bundles,
 * never less.
 * @throws Error for a licence that nobody has looked at.
 */
export function collectNotices(workspaces: readonly string[]): string {
  const parts = new Map<string, Part>()
  const waiting = [
    ...workspaces.flatMap((folder) => listDependencies(folder)),
    ...buildParts.map((name) => ({ name, from: '.' })),
  ]
  for (const { name, from } of waiting) {
    const folder = findPackage(name, from)
    if (folder === undefined || parts.has(folder)) continue
    parts.set(folder, readPart(folder))
    waiting.push(...listDependencies(folder))
  }
  const sorted = [...parts.values()].toSorted((one, other) => one.name.localeCompare(other.name, 'en'))
  return `# What pilothouse is built from\n\n${sorted.map(writePart).join('\n')}`
}

function listDependencies(folder: string): { name: string; from: string }[] {
  const names = Object.keys(readManifest(folder).dependencies ?? {})
  return names.filter((name) => !name.startsWith('@pilothouse/')).map((name) => ({ name, from: folder }))
}

/** As Node finds it: in the nearest `node_modules` above. undefined for an optional one that is not installed. */
function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (folder === '.') return undefined
  }
}

function readPart(folder: string): Part {
  const { name, version = '', license } = readManifest(folder)
  if (license === undefined || !allowed.includes(license))
    throw new Error(`${name} ${version} has the licence ${license ?? 'unknown'}: look at it before it is packed.`)
  const file = readdirSync(folder).find((one) => /^(licen[cs]e|copying)/i.test(one))
  return { name, version, licence: license, text: file === undefined ? '' : readFileSync(join(folder, file), 'utf8') }
}

function writePart({ name, version, licence, text }: Part): string {
  return `## ${name} ${version} (${licence})\n\n${text.trim()}\n`
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest // npm has checked what it installed
}
