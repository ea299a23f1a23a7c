import { describe, expect, it } from 'vitest'
import { countCheck, countPytest, countVitest } from './count-results.ts'

describe('a vitest report', () => {
  const passed = { status: 'passed', fullName: 'adds' }

  it('counts what passed and names what did not', () => {
    const assertionResults = [passed, passed, { status: 'failed', fullName: 'divides' }]
    const text = JSON.stringify({ testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults }] })
    expect(countVitest(text, 1)).toEqual({ passed: 2, failed: 1, problems: ['failed: divides'] })
  })

  it('takes a skipped test as one that did not pass', () => {
    const assertionResults = [passed, { status: 'skipped', fullName: 'waits' }]
    const text = JSON.stringify({ testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults }] })
    expect(countVitest(text, 0)).toEqual({ passed: 1, failed: 1, problems: ['skipped: waits'] })
  })

  it('takes a file that could not be loaded as a failure', () => {
    const text = JSON.stringify({ testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults: [] }] })
    expect(countVitest(text, 1)).toEqual({ passed: 0, failed: 1, problems: ['not loaded: a.test.ts'] })
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
    <testcase classname="tests.test_log" name="test_divides" time="0.1"><failure message="no">no</failure></testcase>
    <testcase classname="tests.test_log" name="test_waits" time="0.1"><skipped type="pytest.skip" /></testcase>
  </testsuite></testsuites>`

  it('counts what passed and names what did not', () => {
    expect(countPytest(text, 1)).toEqual({
      passed: 2,
      failed: 2,
      problems: ['failure: tests.test_log test_divides', 'skipped: tests.test_log test_waits'],
    })
  })

  it('fails where no test was found', () => {
    expect(countPytest('<testsuites/>', 5)).toEqual({ passed: 0, failed: 1, problems: ['the runner ended with 5'] })
  })
})

it('a check counts as one test', () => {
  expect([countCheck('lint', 0).passed, countCheck('lint', 1).failed]).toEqual([1, 1])
})
