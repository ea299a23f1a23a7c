/** What a whole test run consists of. A step is one command; a check counts as one test, a runner counts its own. */

export type Runner = 'check' | 'vitest' | 'pytest'
export type Step = {
  name: string
  command: string
  args: string[]
  /** Where it runs; the house itself when absent. */
  folder?: string
  runner: Runner
  /** Where the runner writes its counts. */
  resultFile?: string
}

/** What to run: everything, checks alone, or what belongs to some paths. */
export type Scope = { kind: 'all' } | { kind: 'checks' } | { kind: 'paths'; paths: string[] }

/** Tools of the Python environment that `lab/setup` makes; seen from the folder `python`. */
const pythonTools = '../.cache/venv/bin'

export const checks: readonly Step[] = [
  { name: 'format', command: 'oxfmt', args: ['--check', '.'], runner: 'check' },
  { name: 'lint', command: 'oxlint', args: [], runner: 'check' },
  { name: 'types', command: 'node', args: ['tools/check-types.ts'], runner: 'check' },
  { name: 'boundaries', command: 'node', args: ['tools/arch/check-boundaries.ts'], runner: 'check' },
  { name: 'dead code', command: 'knip', args: [], runner: 'check' },
  { name: 'house rules', command: 'node', args: ['tools/check-house.ts'], runner: 'check' },
  pythonCheck('python lint', 'ruff', ['check', '--config', 'pyproject.toml', '.', '../examples', '../lab']),
  pythonCheck('python format', 'ruff', [
    'format',
    '--check',
    '--config',
    'pyproject.toml',
    '.',
    '../examples',
    '../lab',
  ]),
  pythonCheck('python types', 'mypy', []),
]

/**
 * Chooses the steps of a scope, in groups: steps of a group run beside each other. Result files go into `folder`.
 * The Python tests mostly wait for processes, so they cost little time beside the others.
 */
export function planSteps(scope: Scope, folder: string): Step[][] {
  switch (scope.kind) {
    case 'checks':
      return checks.map((check) => [check])
    case 'all':
      return [
        ...checks.map((check) => [check]),
        [buildPage],
        [vitest([], folder), pytest(['python/tests'], folder)],
        [budgets],
      ]
    case 'paths':
      return planPaths(scope.paths, folder)
    default:
      return scope satisfies never
  }
}

const buildPage: Step = { name: 'build the page', command: 'node', args: ['tools/build-page.ts'], runner: 'check' }

/** Gross regressions only: see `--gate`. Last and alone, because tests beside it would be measured, too. */
const budgets: Step = {
  name: 'speed budgets',
  command: 'node',
  args: ['bench/src/main.ts', '--short', '--gate'],
  runner: 'check',
}

function planPaths(paths: string[], folder: string): Step[][] {
  const [snakes, others] = [paths.filter(isPython), paths.filter((path) => !isPython(path))]
  const folders = [...new Set(others.flatMap((path) => /^(packages\/[^/]+|bench|tools|lab)/.exec(path)?.[1] ?? []))]
  const types: Step = { name: 'types', command: 'node', args: ['tools/check-types.ts', ...folders], runner: 'check' }
  const lint: Step = { name: 'lint', command: 'oxlint', args: folders, runner: 'check' }
  const needsPage = folders.some((name) => name === 'packages/web' || name === 'packages/app')
  return [
    ...(folders.length > 0 ? [[types], [lint]] : []),
    ...(needsPage ? [[buildPage]] : []),
    ...(others.length > 0 ? [[vitest(others, folder)]] : []),
    ...(snakes.length > 0 ? [[pytest(snakes, folder)]] : []),
  ]
}

function isPython(path: string): boolean {
  return path.startsWith('python') || path.includes('.py')
}

function vitest(filters: string[], folder: string): Step {
  const resultFile = `${folder}/vitest.json`
  const args = ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${resultFile}`, ...filters]
  return { name: 'tests', command: 'vitest', args, runner: 'vitest', resultFile }
}

function pytest(paths: string[], folder: string): Step {
  const resultFile = `${folder}/pytest.xml`
  const args = ['-q', '-p', 'no:cacheprovider', `--junitxml=${resultFile}`, ...paths.map((path) => `../${path}`)]
  return {
    name: 'python tests',
    command: `${pythonTools}/pytest`,
    args,
    folder: 'python',
    runner: 'pytest',
    resultFile,
  }
}

function pythonCheck(name: string, tool: string, args: string[]): Step {
  return { name, command: `${pythonTools}/${tool}`, args, folder: 'python', runner: 'check' }
}
