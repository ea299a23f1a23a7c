/**
 * `npm run package`: one tarball in `dist/` that `npm install` and `npx` take, with the program built, the page, the Python
 * SDK and the examples, and without dependencies. An argument names another folder for it.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { stagePackage } from './package/stage-package.ts'

type Packed = { filename: string; size: number; unpackedSize: number; entryCount: number }

const folder = process.argv[2] ?? 'dist'
const stage = join(folder, 'pilothouse')
mkdirSync(folder, { recursive: true })
await stagePackage(stage)
const packed = pack(stage)
const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MB`
const path = join(folder, packed.filename)
console.log(
  `${path}: ${megabytes(packed.size)}, unpacked ${megabytes(packed.unpackedSize)} in ${packed.entryCount} files`,
)
// npx takes an absolute path for a program: the tarball has to be named from where one stands, or with «file:».
console.log(`Try it: npx ./${path} demo`)

function pack(cwd: string): Packed {
  const [first] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', '..'], { cwd, encoding: 'utf8' }),
  ) as Packed[] // of npm itself
  if (first === undefined) throw new Error('npm pack has packed nothing.')
  return first
}
