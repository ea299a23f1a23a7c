/**
 * `npm test`: brings what tests need, then every check and every test of every package and of the Python SDK, and one
 * last line that counts them all. `npm test -- packages/series` runs what belongs to a path, `--checks` no tests.
 */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Count,
  countAgain,
  countCheck,
  countPytest,
  countVitest,
  listFailedPytest,
  listFailedVitest,
  nameProblems,
  viewCounts,
} from './count-results.ts'
import { timePytest, timeVitest, viewSlowest } from './slowest-files.ts'
import { planSteps, type Scope, type Step } from './steps.ts'

const folder = mkdtempSync(join(tmpdir(), 'pilothouse-test-'))
const slowestShown = 20
const filesAgainMax = 5
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
process.exitCode = await runAll(readScope(process.argv.slice(2)))

async function runAll(scope: Scope): Promise<number> {
  const setup = await run('lab/setup', scope.kind === 'checks' ? ['--checks'] : [])
  const counts: Count[] = []
  // Nothing else can be trusted where what it needs is missing.
  if (setup !== 0) counts.push(nameProblems('set-up', countCheck(setup)))
  else for (const group of planSteps(scope, folder)) counts.push(...(await runGroup(group)))
  console.log(viewCounts(counts))
  return counts.some(({ failed }) => failed > 0) || counts.every(({ passed }) => passed === 0) ? 1 : 0
}

/** The first step is seen as it goes, what runs beside it when it has ended: lines of two would be mixed. */
async function runGroup([first, ...others]: Step[]): Promise<Count[]> {
  if (first === undefined) return []
  const outcomes = await Promise.all([runStep(first), ...others.map((step) => runBeside(step))])
  const counts: Count[] = []
  for (const { step, count } of outcomes) counts.push(nameProblems(step.name, await lookAgain(step, count)))
  return counts
}

/**
 * A few tests that failed beside thousands of others run once more, with nothing beside them: what passes then is no fault of
 * what is tested, but is named as unsteady, to be mended. Many failures are no accident.
 */
async function lookAgain(step: Step, count: Count): Promise<Count> {
  if (count.failed === 0 || step.again === undefined || !existsSync(step.resultFile ?? '')) return count
  const text = readFileSync(step.resultFile ?? '', 'utf8')
  const files = step.runner === 'vitest' ? listFailedVitest(text) : listFailedPytest(text)
  if (files.length === 0 || files.length > filesAgainMax) return count
  console.log(`failed, and run again by themselves: ${files.join(', ')}`)
  const { count: second } = await runStep(step.again(files))
  return countAgain(count, second)
}

async function runBeside(step: Step): Promise<Outcome> {
  console.log(`▸ ${step.name}, beside it; told when they have ended`)
  const path = join(folder, `${step.name}.log`)
  const log = openSync(path, 'w')
  const started = performance.now()
  const exitCode = await run(step.command, step.args, { cwd: step.folder, output: log })
  closeSync(log)
  console.log(`\n▸ ${step.name}\n${readFileSync(path, 'utf8')}`)
  return endStep(step, exitCode, started)
}

type Outcome = { step: Step; count: Count }

async function runStep(step: Step): Promise<Outcome> {
  console.log(`▸ ${step.name}`)
  const started = performance.now()
  const exitCode = await run(step.command, step.args, { cwd: step.folder })
  return endStep(step, exitCode, started)
}

function endStep(step: Step, exitCode: number, started: number): Outcome {
  const count = countStep(step, exitCode)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if (step.resultFile !== undefined) console.log(`slowest files:\n${viewSlowest(timeStep(step), slowestShown)}`)
  console.log(`${count.failed > 0 ? '✗' : '✓'} ${step.name}: ${describeCount(step, count)}${seconds} s\n`)
  return { step, count }
}

function timeStep({ runner, resultFile = '' }: Step): [file: string, seconds: number][] {
  if (!existsSync(resultFile)) return []
  const text = readFileSync(resultFile, 'utf8')
  return runner === 'vitest' ? timeVitest(text) : timePytest(text)
}

function describeCount({ runner }: Step, { passed, failed }: Count): string {
  return runner === 'check' ? '' : `${passed} passed, ${failed} failed, `
}

function countStep(step: Step, exitCode: number): Count {
  if (step.resultFile === undefined) return countCheck(exitCode)
  const read = step.runner === 'vitest' ? countVitest : countPytest
  try {
    return read(readFileSync(step.resultFile, 'utf8'), exitCode)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return { passed: 0, failed: 1, problems: [`no result was left (exit code ${exitCode}): ${why}`] }
  }
}

/** Resolves to the exit code; a command that cannot be started counts as 127, one ended by a signal as 1. */
function run(
  command: string,
  args: string[],
  { cwd = '.', output = 'inherit' }: { cwd?: string | undefined; output?: number | 'inherit' } = {},
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['inherit', output, output], cwd })
    child.once('error', (error) => {
      console.error(error.message)
      resolve(127)
    })
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

function readScope(args: string[]): Scope {
  if (args.includes('--checks')) return { kind: 'checks' }
  return args.length > 0 ? { kind: 'paths', paths: args } : { kind: 'all' }
}
