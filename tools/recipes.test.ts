import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { applyStep, readRecipes } from './read-recipes.ts'

const house = join(import.meta.dirname, '..')
const recipes = readRecipes(readFileSync(join(house, 'CONTRIBUTING.md'), 'utf8'))
let copy: string
/** With all recipes in it: they change different things, and compilers and servers that start take most of the time. */
let tree: string

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'pilothouse-recipes-'))
  tree = join(copy, 'tree')
  copyHouse()
})
afterAll(() => rmSync(copy, { recursive: true }))

it('the guide has the recipes that it promises', () => {
  expect(recipes.map(({ name }) => name)).toEqual([
    'Add a route',
    'Add a metric aggregation',
    'Add a log pattern',
    'Add a diagnosis rule',
  ])
})

it.each(recipes)('each step of the recipe «$name» finds its place', ({ steps, tests }) => {
  expect([steps.length, tests.length]).not.toContain(0)
  for (const step of steps) {
    const path = join(tree, step.file)
    writeFileSync(path, applyStep(step, existsSync(path) ? readFileSync(path, 'utf8') : undefined))
  }
  for (const test of tests) expect(existsSync(join(tree, test))).toBe(true)
})

it('they lead to code that type-checks', { timeout: 400_000 }, () => {
  const touched = listTouched(recipes.flatMap(({ steps }) => steps))
  expect(run('node', ['tools/check-types.ts', ...touched])).toEqual({
    status: 0,
    output: expect.stringContaining('type-check'),
  })
})

it('they lead to code whose tests pass', { timeout: 400_000 }, () => {
  const tests = recipes.flatMap((recipe) => recipe.tests)
  const { status, output } = run('vitest', ['run', ...tests])
  expect({ status, output }).toEqual({ status: 0, output: expect.stringMatching(/Tests .*passed/) })
  for (const test of tests) expect(output).toContain(test)
})

/** What was changed, and who uses it. */
function listTouched(steps: readonly { file: string }[]): string[] {
  const touched = new Set(steps.map(({ file }) => file.split('/').slice(0, 2).join('/')))
  if (touched.has('packages/contract'))
    for (const user of ['server', 'client', 'web', 'signals']) touched.add(`packages/${user}`)
  return [...touched]
}

/** The sources, with the installed packages linked in; our own packages lead into the copy. */
function copyHouse(): void {
  // The last one is read by tests of both languages.
  const sdkFiles = ['pyproject.toml', 'README.md', 'LICENSE', 'src', 'tests/schedule_cases.json']
  const sdk = sdkFiles.map((name) => `python/${name}`)
  const tools = ['check-types.ts', 'build-program.ts', 'newest.ts', 'package'].map((name) => `tools/${name}`)
  const settings = ['package.json', 'tsconfig.base.json', 'vitest.config.ts']
  for (const name of ['packages', 'lab', ...sdk, ...tools, ...settings]) {
    mkdirSync(dirname(join(tree, name)), { recursive: true })
    cpSync(join(house, name), join(tree, name), {
      recursive: true,
      filter: (path) => !/\/(node_modules|dist)$/.test(path),
    })
  }
  const [installed, linked] = [join(house, 'node_modules'), join(tree, 'node_modules')]
  mkdirSync(join(linked, '@pilothouse'), { recursive: true })
  for (const name of readdirSync(installed)) {
    if (name !== '@pilothouse') symlinkSync(join(installed, name), join(linked, name))
  }
  for (const name of readdirSync(join(tree, 'packages')))
    symlinkSync(join(tree, 'packages', name), join(linked, '@pilothouse', name))
}

function run(command: string, args: string[]): { status: number | null; output: string } {
  const path = `${join(house, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: tree,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: path,
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      // Compiled code of files that soon are gone goes with them.
      NODE_COMPILE_CACHE: join(copy, 'compiled'),
    },
  })
  return { status, output: stdout + stderr }
}
