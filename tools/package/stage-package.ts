/** Puts together, in one folder, what `npm pack` then packs. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { bundleProgram } from './bundle-program.ts'
import { collectNotices } from './collect-notices.ts'

const manifest = {
  name: 'pilothouse',
  description: 'A self-hosted control room for machine-learning jobs: launch, watch live, steer',
  keywords: ['machine-learning', 'training', 'experiment-tracking', 'monitoring', 'gpu', 'slurm', 'dashboard'],
  license: 'Apache-2.0',
  type: 'module',
  bin: { pilothouse: 'dist/launch.js' },
  files: ['dist', 'page', 'python', 'examples', 'NOTICES.md'],
  engines: { node: '>=24' },
}

/** What Python, editors and tests leave behind, and what a user has no use for. */
const leftOut = /^(__pycache__|tests|node_modules|\..*)$|\.(pyc|map|log)$|\.test\.ts$/

/** Builds page and program and stages them, the Python SDK and the examples in `folder`. Run at the root of a checkout. */
export async function stagePackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  execFileSync(process.execPath, ['tools/build-page.ts'], { stdio: ['ignore', 'ignore', 'inherit'] })
  await bundleProgram(join(folder, 'dist'))
  copy('packages/web/dist', join(folder, 'page'))
  copy('packages/app/README.md', join(folder, 'README.md'))
  copy('LICENSE', join(folder, 'LICENSE'))
  copy('examples', join(folder, 'examples'))
  for (const part of ['pyproject.toml', 'README.md', 'LICENSE', 'src'])
    copy(`python/${part}`, join(folder, 'python', part))
  writeFileSync(join(folder, 'NOTICES.md'), collectNotices(listWorkspaces()))
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ ...manifest, version: readVersion() }, null, 2)}\n`)
  checkStage(folder)
}

function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (path) => !leftOut.test(basename(path)) })
}

function listWorkspaces(): string[] {
  return readdirSync('packages').map((name) => join('packages', name))
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync('packages/app/package.json', 'utf8')) as { version: string } // our own file
  return version
}

/** @throws Error when a file names a folder of the machine that built it. */
function checkStage(folder: string): void {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const paths = names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile())
  const machine = [process.cwd(), `${homedir()}/`]
  const wrong = paths.filter((path) => machine.some((word) => readFileSync(path).includes(word)))
  if (wrong.length > 0) throw new Error(`These files name a folder of this machine: ${wrong.join(', ')}`)
}
