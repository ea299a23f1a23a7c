/** Reads how many tests passed and failed out of what the runners leave behind. A test that was skipped did not pass. */
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/**
 * One problem for each failure: which test of which file, and the first line of why. `unsteady`: what failed beside all other
 * tests and passed by itself.
 */
export type Count = { passed: number; failed: number; problems: string[]; unsteady?: string[] }

type VitestFile = {
  name: string
  status: string
  message?: string
  assertionResults: { status: string; fullName: string; failureMessages?: string[] }[]
}

/** Counts a vitest JSON report. A file that could not be loaded is one failure. */
export function countVitest(text: string, exitCode: number): Count {
  const files = (JSON.parse(text) as { testResults: VitestFile[] }).testResults // written by the vitest we pinned
  const tests = files.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: shorten(file.name) })))
  const passed = tests.filter(({ status }) => status === 'passed').length
  const problems = [
    ...tests
      .filter(({ status }) => status !== 'passed')
      .map(({ status, file, fullName, failureMessages = [] }) =>
        describe(status, `${file} › ${fullName.trim()}`, failureMessages[0]),
      ),
    ...files
      .filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
      .map((file) => describe('not loaded', shorten(file.name), file.message)),
  ]
  return closeCount({ passed, problems, exitCode })
}

/** Files with tests that failed, of a vitest JSON report; as it takes them. */
export function listFailedVitest(text: string): string[] {
  const files = (JSON.parse(text) as { testResults: VitestFile[] }).testResults // written by the vitest we pinned
  return [...new Set(files.filter(({ status }) => status === 'failed').map(({ name }) => shorten(name)))]
}

/** The same of a JUnit report of pytest. */
export function listFailedPytest(text: string): string[] {
  const cases = [...text.matchAll(/<testcase\s([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)]
  const bad = cases.filter((found) => /<(failure|error)\b/.test(found[3] ?? ''))
  const modules = bad.flatMap(
    ([, attributes = '']) => /^[\w.]*?\btest_\w+/.exec(readAttribute(attributes, 'classname')) ?? [],
  )
  return [...new Set(modules.map((name) => `python/${name.replaceAll('.', '/')}.py`))]
}

/** What counts once the files of all failures ran again, by themselves. */
export function countAgain(first: Count, second: Count): Count {
  const still = new Set(second.problems.map(nameOfProblem))
  const unsteady = first.problems.filter((problem) => !still.has(nameOfProblem(problem)))
  const passed = first.passed + first.failed - second.failed
  return { passed, failed: second.failed, problems: second.problems, unsteady }
}

/** Without why, which may be told otherwise each time. */
function nameOfProblem(problem: string): string {
  return problem.split(': ').slice(0, 2).join(': ')
}

/** Counts a JUnit report of pytest. */
export function countPytest(text: string, exitCode: number): Count {
  const cases = [...text.matchAll(/<testcase\s([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)]
  const bad = cases.filter((found) => /<(failure|error|skipped)\b/.test(found[3] ?? ''))
  const problems = bad.map(([, attributes = '', , body = '']) => {
    const [, kind = 'failed', why = ''] = /<(failure|error|skipped)\b([^>]*)/.exec(body) ?? []
    return describe(kind === 'failure' ? 'failed' : kind, nameOf(attributes), readAttribute(why, 'message'))
  })
  return closeCount({ passed: cases.length - bad.length, problems, exitCode })
}

/** A check is one test. */
export function countCheck(exitCode: number): Count {
  return exitCode === 0
    ? { passed: 1, failed: 0, problems: [] }
    : { passed: 0, failed: 1, problems: [`ended with ${exitCode}`] }
}

/** Says of each problem in which step it came up. */
export function nameProblems(step: string, count: Count): Count {
  const name = (problem: string) => `${step}: ${problem}`
  return { ...count, problems: count.problems.map(name), unsteady: count.unsteady?.map(name) ?? [] }
}

/** All failures of all steps, and one last line that counts them. */
export function viewCounts(counts: readonly Count[]): string {
  const passed = counts.reduce((sum, count) => sum + count.passed, 0)
  const failed = counts.reduce((sum, count) => sum + count.failed, 0)
  const problems = counts.flatMap((count) => count.problems).map((problem) => `  ✗ ${problem}`)
  const unsteady = counts
    .flatMap((count) => count.unsteady ?? [])
    .map((problem) => `  ~ unsteady, passed by itself: ${problem}`)
  return [...unsteady, ...problems, `${passed} passed, ${failed} failed`].join('\n')
}

/** A runner that failed without a failing test failed by itself: an unhandled error, or no test at all. */
function closeCount({ passed, problems, exitCode }: { passed: number; problems: string[]; exitCode: number }): Count {
  const all = exitCode !== 0 && problems.length === 0 ? [`the runner ended with ${exitCode}`] : problems
  return { passed, failed: all.length, problems: all }
}

function nameOf(attributes: string): string {
  return `${readAttribute(attributes, 'classname')} › ${readAttribute(attributes, 'name')}`
}

function readAttribute(attributes: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? ''
  return value.replaceAll(/&(#10|#13|#9|amp|lt|gt|quot|apos);/g, (_, entity: string) => entities[entity] ?? '')
}

const entities: Readonly<Record<string, string>> = {
  '#10': '\n',
  '#13': '\r',
  '#9': '\t',
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}
const reasonMax = 160

function describe(kind: string, name: string, reason = ''): string {
  const first = stripVTControlCharacters(reason).trim().split('\n')[0] ?? ''
  const short = first.length > reasonMax ? `${first.slice(0, reasonMax)}…` : first
  return short === '' ? `${kind}: ${name}` : `${kind}: ${name}: ${short}`
}

function shorten(path: string): string {
  return relative('.', path)
}
