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
  /** The same for some files. */
  again?: (files: string[]) => Step
}

/** What to run: everything, checks alone, or what belongs to some paths. */
export type Scope = { kind: 'all' } | { kind: 'checks' } | { kind: 'paths'; paths: string[] }

/** Tools of the Python environment that `lab/setup` makes; seen from the folder `python`. */
const pythonTools = '../.cache/venv/bin'

const pythonSources = ['--config', 'pyproject.toml', '.', '../examples', '../lab', '../lab/engine']

/** In groups, whose steps run beside each other: those of one take about as long, with a core each. */
const checks: readonly (readonly Step[])[] = [
  [
    check('format', 'oxfmt', ['--check', '.']),
    check('dead code', 'knip'),
    check('house rules', 'node', ['tools/check-house.ts']),
    pythonCheck('python lint', 'ruff', ['check', ...pythonSources]),
    pythonCheck('python format', 'ruff', ['format', '--check', ...pythonSources]),
    pythonCheck('python types', 'mypy', []),
  ],
  [check('lint', 'oxlint')],
  [check('types', 'node', ['tools/check-types.ts']), check('boundaries', 'node', ['tools/arch/check-boundaries.ts'])],
]

/**
 * Chooses the steps of a scope, in groups: steps of a group run beside each other. Result files go into `folder`.
 * The Python tests mostly wait for processes, so they cost little time beside the others.
 */
export function planSteps(scope: Scope, folder: string): Step[][] {
  switch (scope.kind) {
    case 'checks':
      return checks.map((group) => [...group])
    case 'all':
      return [
        ...checks.map((group) => [...group]),
        [buildPage],
        [
          { ...vitest([], folder), again: (files) => vitest(files, folder) },
          { ...pytest(['python/tests'], folder), again: (files) => pytest(files, folder) },
        ],
        [budgets],
      ]
    case 'paths':
      return planPaths(scope.paths, folder)
    default:
      return scope satisfies never
  }
}

const buildPage = check('build the page', 'node', ['tools/build-page.ts'])

/** Gross regressions only: see `--gate`. Last and alone, because tests beside it would be measured, too. */
const budgets = check('speed budgets', 'node', ['bench/src/main.ts', '--short', '--gate'])

function planPaths(paths: string[], folder: string): Step[][] {
  const [snakes, others] = [paths.filter(isPython), paths.filter((path) => !isPython(path))]
  const folders = [...new Set(others.flatMap((path) => /^(packages\/[^/]+|bench|tools|lab)/.exec(path)?.[1] ?? []))]
  const types = check('types', 'node', ['tools/check-types.ts', ...folders])
  const lint = check('lint', 'oxlint', folders)
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

function check(name: string, command: string, args: string[] = []): Step {
  return { name, command, args, runner: 'check' }
}

function pythonCheck(name: string, tool: string, args: string[]): Step {
  return { name, command: `${pythonTools}/${tool}`, args, folder: 'python', runner: 'check' }
}
