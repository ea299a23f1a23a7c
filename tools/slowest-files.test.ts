import { expect, it } from 'vitest'
import { timePytest, timeVitest, viewSlowest } from './slowest-files.ts'

it('lists the slowest files of vitest first', () => {
  const testResults = [
    { name: 'a.test.ts', startTime: 1_000, endTime: 2_500 },
    { name: 'b.test.ts', startTime: 1_000, endTime: 91_000 },
    { name: 'c.test.ts', startTime: 1_000, endTime: 1_010 },
  ]
  const times = timeVitest(JSON.stringify({ testResults }))
  expect(viewSlowest(times, 2)).toBe('     90.0 s  b.test.ts\n      1.5 s  a.test.ts')
})

it('adds up the tests of a module of pytest', () => {
  const text = `<testsuites><testsuite time="4.0"><testcase classname="tests.test_log" name="a" time="1.25" />
    <testcase classname="tests.test_log" name="b" time="1.5"><failure/></testcase>
    <testcase classname="tests.test_job" name="c" time="0.125" /></testsuite></testsuites>`
  expect(timePytest(text)).toEqual([
    ['tests.test_log', 2.75],
    ['tests.test_job', 0.125],
  ])
})
