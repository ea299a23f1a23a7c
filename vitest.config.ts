import { defineConfig } from 'vitest/config'

/** One project per folder, so that `vitest run packages/series` and a whole run see the same settings. */
export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/tests/**/*.test.ts',
      'tools/**/*.test.ts',
      'bench/**/*.test.ts',
      'lab/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', 'tools/arch/planted/**'],
    // Forks, not threads: tests kill processes, change signal handlers and open SQLite files.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores are what the budgets are written for; more workers only make timings lie.
    maxWorkers: 2,
    restoreMocks: true,
  },
})
