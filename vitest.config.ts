import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { programFolder } from './tools/build-program.ts'

const tests = [
  'packages/*/src/**/*.test.ts',
  'packages/*/tests/**/*.test.ts',
  'tools/**/*.test.ts',
  'bench/**/*.test.ts',
  'lab/**/*.test.ts',
]
const never = ['**/node_modules/**', '**/dist/**', 'tools/arch/planted/**']

// Each test's storage thread loads the server anew; compiled code that is kept takes a third of all work away.
process.env['NODE_COMPILE_CACHE'] ??= resolve('.cache/compiled')
process.env['PILOTHOUSE_THREADS'] = resolve(programFolder)

/** What opens a store in a test; the store is then on the database of the project. */
const opensStore =
  /\/(test-storage|test-context|test-server|test-database|temporary-store\.fixture|launch-world\.fixture|work\.fixture)\.ts'/

/** Tests of what is stored run on both databases, except those that say in their name for which one they are. */
function listStoreTests(): string[] {
  const all = globSync('packages/{series,server}/src/**/*.test.ts')
  return all.filter(
    (file) =>
      file.endsWith('.postgres.test.ts') ||
      (!file.endsWith('.sqlite.test.ts') && opensStore.test(readFileSync(file, 'utf8'))),
  )
}

/** Small files that take long: begun last, one of them would run alone while the other worker waits. */
const takesLong = /\/(lab|tools)\/|\/packages\/web\/tests\/|\/(kill|full-disk|series-store\.property)\.[^/]*test\.ts$/

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const [long, others] = [sorted.filter(isLong), sorted.filter((file) => !isLong(file))]
    return [...long, ...others]
  }
}

function isLong({ moduleId }: TestSpecification): boolean {
  return takesLong.test(moduleId)
}

export default defineConfig({
  test: {
    // Forks, not threads: tests kill processes, change signal handlers and open SQLite files.
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What a test waits for comes late on a busy machine; one second is no answer to whether it comes.
    expect: { poll: { timeout: 30_000 } },
    // Two cores are what the budgets are written for; more workers only make timings lie.
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    restoreMocks: true,
    // Node runs the sources as they are: to transform them and to send them to each worker takes a second a file.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    projects: [
      {
        extends: true,
        test: {
          name: 'sqlite',
          include: tests,
          exclude: [...never, '**/*.postgres.test.ts'],
          provide: { postgresUrl: null },
          globalSetup: 'lab/provide-program.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: listStoreTests(),
          globalSetup: ['lab/provide-program.ts', 'lab/provide-postgres.ts'],
        },
      },
    ],
  },
})
