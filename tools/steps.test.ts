import { expect, it } from 'vitest'
import { planSteps } from './steps.ts'

function names(paths: string[]): string[] {
  return planSteps({ kind: 'paths', paths }, 'results').map(({ name }) => name)
}

it('a package has its types and lint checked and its tests run', () => {
  expect(names(['packages/series'])).toEqual(['types', 'lint', 'tests'])
})

it('what needs the built page gets it first', () => {
  expect(names(['packages/web/tests/job-page.test.ts'])).toEqual(['types', 'lint', 'build the page', 'tests'])
})

it('a Python path goes to pytest alone', () => {
  expect(names(['python/tests/test_examples.py'])).toEqual(['python tests'])
})

it('the whole run has every check before the tests, and both runners', () => {
  const all = planSteps({ kind: 'all' }, 'results').map(({ runner }) => runner)
  expect(all.slice(-2)).toEqual(['vitest', 'pytest'])
  expect(all.filter((runner) => runner === 'check').length).toBeGreaterThan(
    planSteps({ kind: 'checks' }, 'results').length,
  )
})
