/** The house rules that no other tool knows. Each looks at one tracked file and says what is wrong, with its line. */
import { type Comment, type Node, parseSync, Visitor } from 'oxc-parser'

export type TrackedFile = { path: string; text: string }
export type Finding = { path: string; line: number; message: string }
type Rule = (file: TrackedFile) => Finding[]

const linesMax = 500
const code = /\.(ts|tsx)$/
const test = /\.test\.tsx?$|\/tests\/|(^|\/)test_[^/]*\.py$/
const written = /\.(ts|tsx|py|sh|css|md|json|html|toml|yaml)$|\/bin\/|^lab\/setup$|^\.ci\/run$/
const generated = /\.gen\.ts$|package-lock\.json$|\/planted\//

const rules: Rule[] = [
  refuseLongFile,
  refuseName,
  refuseUnfinished,
  refuseMachineWords,
  refuseLockedAddresses,
  refuseBarrel,
  refuseSkippedTest,
  refuseSleepInTest,
  refuseBareAssertion,
]

/** All findings in one file. */
export function checkFile(file: TrackedFile): Finding[] {
  return generated.test(file.path) ? refuseLockedAddresses(file) : rules.flatMap((rule) => rule(file))
}

/** Findings about the tree as a whole: a package without its one door. */
export function checkTree(paths: readonly string[]): Finding[] {
  const packages = new Set(paths.flatMap((path) => /^packages\/([^/]+)\/src\//.exec(path)?.[1] ?? []))
  return [...packages]
    .filter((name) => name !== 'web') // an application: its door is main.tsx
    .map((name) => `packages/${name}/src/index.ts`)
    .filter((index) => !paths.includes(index))
    .map((path) => ({ path, line: 1, message: 'every package has one index.ts with its named exports' }))
}

function refuseLongFile({ path, text }: TrackedFile): Finding[] {
  const lines = text.split('\n').length - 1
  if (!/\.(ts|tsx|py|sh|css)$/.test(path) || lines <= linesMax) return []
  return [{ path, line: linesMax + 1, message: `${lines} lines: split it by meaning before ${linesMax}` }]
}

function refuseName({ path }: TrackedFile): Finding[] {
  const part = path.split('/').find((name) => !isWellNamed(name, path))
  return part === undefined ? [] : [{ path, line: 1, message: `«${part}»: names are kebab-case (Python: snake_case)` }]
}

function isWellNamed(name: string, path: string): boolean {
  if (path.endsWith('.py')) return /^[a-z0-9._-]+$/.test(name)
  if (!code.test(path)) return true
  if (path.startsWith('packages/web/src/routes/')) return /^[a-z0-9_$.-]+$/.test(name)
  return /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(name)
}

/** The words are put together here, so that this file does not find itself. */
const unfinished = new RegExp(String.raw`\b(${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK', 'X' + 'XX'].join('|')})\b`)

function refuseUnfinished(file: TrackedFile): Finding[] {
  return findLines(file, written, unfinished, 'finish it, or leave it out')
}

const machineWords = new RegExp(
  [
    '/wo' + 'rk/(main|shared)',
    '/ro' + 'ot/',
    'registry\\.np' + 'mjs',
    'py' + 'pi\\.org',
    'python' + 'hosted',
    ':48' + '73',
  ].join('|'),
)

function refuseMachineWords(file: TrackedFile): Finding[] {
  return findLines(file, written, machineWords, 'no path of one machine and no registry host in tracked files')
}

function refuseLockedAddresses(file: TrackedFile): Finding[] {
  return findLines(
    file,
    /package-lock\.json$/,
    /"resolved": "https?:/,
    'the lock names no host: keep omit-lockfile-registry-resolved',
  )
}

/** A list that is too long for one file goes on in `door-….ts` beside it, which names things, too. */
function refuseBarrel(file: TrackedFile): Finding[] {
  const findings = findLines(file, code, /^export \*(?! from '\.\/door-[a-z-]+\.ts'$)/, 'name what is exported')
  if (!/^packages\/[^/]+\/src\/.+\/index\.tsx?$/.test(file.path)) return findings
  return [...findings, { path: file.path, line: 1, message: 'no index inside a package: import the file itself' }]
}

function refuseSkippedTest(file: TrackedFile): Finding[] {
  const skip = /^\s*(it|test|describe)\.(only|skip|todo|skipIf|fails)\b|pytest\.mark\.(skip|xfail)\b/
  return findLines(file, test, skip, 'a test runs, or is not there')
}

function refuseSleepInTest(file: TrackedFile): Finding[] {
  const sleep = /await (sleep|delay|wait|setTimeout)\(\s*[\d_]+\s*\)|setTimeout\(\s*(resolve|done)\s*,/
  const pause = /\btime\.sleep\(/
  return findLines(file, test, file.path.endsWith('.py') ? pause : sleep, 'wait for the event, not for the time')
}

/** An `as` says beside it, or in the line above, why the compiler may be overruled. `as const` needs no reason. */
function refuseBareAssertion({ path, text }: TrackedFile): Finding[] {
  if (!code.test(path) || test.test(path) || !/\bas\b/.test(text)) return []
  const { program, comments } = parseSync(path, text)
  const lineOf = indexLines(text)
  const reasons = new Set(comments.flatMap(({ start, end }: Comment) => [lineOf(start), lineOf(end)]))
  const findings: Finding[] = []
  const inspect = (node: Node & { typeAnnotation: Node }): void => {
    const isConst = text.slice(node.typeAnnotation.start, node.typeAnnotation.end) === 'const'
    const [first, last] = [lineOf(node.start), lineOf(node.end)]
    const hasReason = Array.from({ length: last - first + 2 }, (_, index) => first - 1 + index).some((line) =>
      reasons.has(line),
    )
    if (!isConst && !hasReason) findings.push({ path, line: last, message: 'an «as» has its reason beside it' })
  }
  new Visitor({ TSAsExpression: inspect }).visit(program)
  return findings
}

function indexLines(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    const next = starts.findIndex((start) => start > offset)
    return next === -1 ? starts.length : next
  }
}

function findLines({ path, text }: TrackedFile, where: RegExp, pattern: RegExp, message: string): Finding[] {
  if (!where.test(path)) return []
  return text.split('\n').flatMap((line, index) => (pattern.test(line) ? [{ path, line: index + 1, message }] : []))
}
