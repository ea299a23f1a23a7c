import { describe, expect, it } from 'vitest'
import {
  countAgain,
  countCheck,
  countPytest,
  countVitest,
  listFailedPytest,
  listFailedVitest,
  nameProblems,
  viewCounts,
} from './count-results.ts'

describe('a vitest report', () => {
  const passed = { status: 'passed', fullName: 'adds' }

  it('counts what passed, and names what did not with its file and the first line of why', () => {
    const failed = {
      status: 'failed',
      fullName: ' divides',
      failureMessages: ['\u001b[31mError: by zero\u001b[39m\n  at 1'],
    }
    const assertionResults = [passed, passed, failed]
    const text = JSON.stringify({ testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults }] })
    expect(countVitest(text, 1)).toEqual({
      passed: 2,
      failed: 1,
      problems: ['failed: a.test.ts › divides: Error: by zero'],
    })
  })

  it('takes a skipped test as one that did not pass', () => {
    const assertionResults = [passed, { status: 'skipped', fullName: 'waits' }]
    const text = JSON.stringify({ testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults }] })
    expect(countVitest(text, 0)).toEqual({ passed: 1, failed: 1, problems: ['skipped: a.test.ts › waits'] })
  })

  it('takes a file that could not be loaded as a failure', () => {
    const file = { name: 'a.test.ts', status: 'failed', message: 'no such module', assertionResults: [] }
    const problems = ['not loaded: a.test.ts: no such module']
    expect(countVitest(JSON.stringify({ testResults: [file] }), 1)).toEqual({ passed: 0, failed: 1, problems })
  })

  it('takes a runner that failed by itself as a failure', () => {
    const text = JSON.stringify({ testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults: [passed] }] })
    expect(countVitest(text, 1)).toEqual({ passed: 1, failed: 1, problems: ['the runner ended with 1'] })
  })
})

describe('a pytest report', () => {
  const text = `<?xml version="1.0"?><testsuites><testsuite name="pytest" tests="4">
    <testcase classname="tests.test_log" name="test_adds" time="0.1" />
    <testcase classname="tests.test_log" name="test_prints" time="0.1"><system-out>a &gt; b</system-out></testcase>
    <testcase classname="tests.test_log" name="test_divides" time="0.1"><failure message="assert 1 &lt; 0&#10;with more">no</failure></testcase>
    <testcase classname="tests.test_log" name="test_waits" time="0.1"><skipped type="pytest.skip" /></testcase>
  </testsuite></testsuites>`

  it('counts what passed and names what did not', () => {
    expect(countPytest(text, 1)).toEqual({
      passed: 2,
      failed: 2,
      problems: ['failed: tests.test_log › test_divides: assert 1 < 0', 'skipped: tests.test_log › test_waits'],
    })
  })

  it('fails where no test was found', () => {
    expect(countPytest('<testsuites/>', 5)).toEqual({ passed: 0, failed: 1, problems: ['the runner ended with 5'] })
  })
})

it('a check counts as one test', () => {
  expect([countCheck(0).passed, countCheck(1).failed]).toEqual([1, 1])
})

it('the last line counts all steps, and what failed stands right before it', () => {
  const counts = [
    nameProblems('lint', countCheck(1)),
    nameProblems('types', countCheck(0)),
    nameProblems('tests', { passed: 7, failed: 1, problems: ['failed: a.test.ts › adds'] }),
  ]
  expect(viewCounts(counts).split('\n')).toEqual([
    '  ✗ lint: ended with 1',
    '  ✗ tests: failed: a.test.ts › adds',
    '8 passed, 2 failed',
  ])
})

describe('a second look', () => {
  it('is at the files that have failures', () => {
    const file = (name: string, status: string) => ({ name, status, assertionResults: [] })
    const results = [file('a.test.ts', 'failed'), file('b.test.ts', 'passed'), file('a.test.ts', 'failed')]
    expect(listFailedVitest(JSON.stringify({ testResults: results }))).toEqual(['a.test.ts'])
    const cases = `<testcase classname="tests.sub.test_log.TestIt" name="x"><failure message="no"/></testcase>
      <testcase classname="tests.test_other" name="y"/>`
    expect(listFailedPytest(cases)).toEqual(['python/tests/sub/test_log.py'])
  })

  it('counts what passes by itself, and names it; what fails again has failed', () => {
    const first = { passed: 7, failed: 2, problems: ['failed: a › slow: 3 s', 'failed: a › wrong: 1 is 2'] }
    const second = { passed: 1, failed: 1, problems: ['failed: a › wrong: 1 is 3'] }
    const count = nameProblems('tests', countAgain(first, second))
    expect(count).toMatchObject({ passed: 8, failed: 1, problems: ['tests: failed: a › wrong: 1 is 3'] })
    expect(viewCounts([count])).toBe(
      '  ~ unsteady, passed by itself: tests: failed: a › slow: 3 s\n' +
        '  ✗ tests: failed: a › wrong: 1 is 3\n8 passed, 1 failed',
    )
  })
})
