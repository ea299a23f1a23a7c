/**
 * A wheel of a pure Python package: a zip of its files and, in `NAME-VERSION.dist-info/`, METADATA, WHEEL, the licence,
 * the commands and RECORD, which names every file with its hash.
 * https://packaging.python.org/en/latest/specifications/binary-distribution-format/
 */
import { createHash } from 'node:crypto'
import { PilothouseError } from '@pilothouse/contract'
import { parse } from 'smol-toml'
import { z } from 'zod'
import { writeZip, type ZipFile } from './write-zip.ts'

/** What of `pyproject.toml` goes into a wheel. A field that is not known here would be missing there, so it is refused. */
const project = z.strictObject({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  readme: z.literal('README.md'),
  license: z.string(),
  'requires-python': z.string(),
  classifiers: z.array(z.string()).default([]),
  dependencies: z.array(z.string()).max(0).default([]),
  'optional-dependencies': z.record(z.string(), z.array(z.string())).default({}),
  scripts: z.record(z.string(), z.string()).default({}),
})
type Project = z.output<typeof project>

export type WheelSource = {
  /** Text of `pyproject.toml`. */
  pyproject: string
  readme: string
  licence: Uint8Array
  /** Files of the package, by their path in it as `pilothouse/__init__.py`. */
  files: readonly ZipFile[]
}

export type Wheel = {
  name: string
  version: string
  requiresPython: string
  fileName: string
  bytes: Buffer
  /** Of the bytes, in hex. */
  sha256: string
}

/**
 * Makes the wheel. The same source gives the same bytes.
 * @throws PilothouseError `internal` when pyproject.toml says something that a wheel made here would lack.
 */
export function makeWheel({ pyproject, readme, licence, files }: WheelSource): Wheel {
  const facts = readProject(pyproject)
  const { name, version, 'requires-python': requiresPython } = facts
  const stem = `${name}-${version}`
  const info = `${stem}.dist-info`
  const all = [
    ...files.toSorted((one, other) => (one.path < other.path ? -1 : 1)),
    textFile(`${info}/METADATA`, writeMetadata(facts, readme)),
    textFile(
      `${info}/WHEEL`,
      `Wheel-Version: 1.0\nGenerator: pilothouse ${version}\nRoot-Is-Purelib: true\nTag: py3-none-any\n`,
    ),
    ...writeCommands(facts).map((text) => textFile(`${info}/entry_points.txt`, text)),
    { path: `${info}/licenses/LICENSE`, bytes: licence },
  ]
  const bytes = writeZip([...all, textFile(`${info}/RECORD`, writeRecord(all, `${info}/RECORD`))])
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { name, version, requiresPython, fileName: `${stem}-py3-none-any.whl`, bytes, sha256 }
}

function readProject(text: string): Project {
  const read = project.safeParse(parse(text)['project'])
  if (read.success) return read.data
  throw new PilothouseError('internal', `pyproject.toml of the SDK makes no wheel: ${z.prettifyError(read.error)}`)
}

function writeMetadata(facts: Project, readme: string): string {
  const extras = Object.entries(facts['optional-dependencies']).flatMap(([extra, needs]) => [
    `Provides-Extra: ${extra}`,
    ...needs.map((need) => `Requires-Dist: ${need}; extra == '${extra}'`),
  ])
  return [
    'Metadata-Version: 2.4',
    `Name: ${facts.name}`,
    `Version: ${facts.version}`,
    `Summary: ${facts.description}`,
    `License-Expression: ${facts.license}`,
    'License-File: LICENSE',
    ...facts.classifiers.map((classifier) => `Classifier: ${classifier}`),
    `Requires-Python: ${facts['requires-python']}`,
    ...extras,
    'Description-Content-Type: text/markdown',
    '',
    readme,
  ].join('\n')
}

function writeCommands({ scripts }: Project): string[] {
  const lines = Object.entries(scripts).map(([name, place]) => `${name} = ${place}\n`)
  return lines.length === 0 ? [] : [`[console_scripts]\n${lines.join('')}`]
}

/** Paths of ours have neither commas nor quotes. */
function writeRecord(files: readonly ZipFile[], ownPath: string): string {
  const lines = files.map(({ path, bytes }) => {
    const hash = createHash('sha256').update(bytes).digest('base64url')
    return `${path},sha256=${hash},${bytes.length}\n`
  })
  return `${lines.join('')}${ownPath},,\n`
}

function textFile(path: string, text: string): ZipFile {
  return { path, bytes: Buffer.from(text) }
}
