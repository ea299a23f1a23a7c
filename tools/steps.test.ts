import { expect, it } from 'vitest'
import { planSteps } from './steps.ts'

function names(paths: string[]): string[] {
  return planSteps({ kind: 'paths', paths }, 'results').flatMap((group) => group.map(({ name }) => name))
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

it('the whole run has every check before the tests, both runners side by side, and the budgets last and alone', () => {
  const all = planSteps({ kind: 'all' }, 'results')
  expect(all.slice(-2).map((group) => group.map(({ name }) => name))).toEqual([
    ['tests', 'python tests'],
    ['speed budgets'],
  ])
  const { length } = planSteps({ kind: 'checks' }, 'results')
  expect(all.slice(0, length)).toEqual(planSteps({ kind: 'checks' }, 'results'))
})
