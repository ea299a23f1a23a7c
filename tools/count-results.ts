/** Reads how many tests passed and failed out of what the runners leave behind. A test that was skipped did not pass. */

export type Count = { passed: number; failed: number; problems: string[] }

type VitestFile = {
  name: string
  status: string
  message?: string
  assertionResults: { status: string; fullName: string }[]
}

/** Counts a vitest JSON report. A file that could not be loaded is one failure. */
export function countVitest(text: string, exitCode: number): Count {
  const files = (JSON.parse(text) as { testResults: VitestFile[] }).testResults // written by the vitest we pinned
  const tests = files.flatMap((file) => file.assertionResults)
  const passed = tests.filter(({ status }) => status === 'passed').length
  const problems = [
    ...tests.filter(({ status }) => status !== 'passed').map(({ status, fullName }) => `${status}: ${fullName}`),
    ...files
      .filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
      .map((file) => `not loaded: ${file.name}`),
  ]
  return closeCount({ passed, problems, exitCode })
}

/** Counts a JUnit report of pytest. */
export function countPytest(text: string, exitCode: number): Count {
  const cases = [...text.matchAll(/<testcase\s([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)]
  const bad = cases.filter((found) => /<(failure|error|skipped)\b/.test(found[3] ?? ''))
  const problems = bad.map(
    (found) => `${/<(failure|error|skipped)/.exec(found[3] ?? '')?.[1] ?? 'failed'}: ${nameOf(found[1] ?? '')}`,
  )
  return closeCount({ passed: cases.length - bad.length, problems, exitCode })
}

/** A check is one test. */
export function countCheck(name: string, exitCode: number): Count {
  return exitCode === 0
    ? { passed: 1, failed: 0, problems: [] }
    : { passed: 0, failed: 1, problems: [`check: ${name}`] }
}

/** A runner that failed without a failing test failed by itself: an unhandled error, or no test at all. */
function closeCount({ passed, problems, exitCode }: { passed: number; problems: string[]; exitCode: number }): Count {
  const all = exitCode !== 0 && problems.length === 0 ? [`the runner ended with ${exitCode}`] : problems
  return { passed, failed: all.length, problems: all }
}

function nameOf(attributes: string): string {
  return `${/classname="([^"]*)"/.exec(attributes)?.[1] ?? ''} ${/\bname="([^"]*)"/.exec(attributes)?.[1] ?? ''}`.trim()
}
