/**
 * `npm test`: brings what tests need, then every check and every test of every package and of the Python SDK, and one
 * last line that counts them all. `npm test -- packages/series` runs what belongs to a path, `--checks` no tests.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Count, countCheck, countPytest, countVitest } from './count-results.ts'
import { planSteps, type Scope, type Step } from './steps.ts'

const folder = mkdtempSync(join(tmpdir(), 'pilothouse-test-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
process.exitCode = await runAll(readScope(process.argv.slice(2)))

async function runAll(scope: Scope): Promise<number> {
  const setup = await run('lab/setup', scope.kind === 'checks' ? ['--checks'] : [])
  if (setup !== 0) return setup
  const counts: Count[] = []
  for (const step of planSteps(scope, folder)) counts.push(await runStep(step))
  const passed = counts.reduce((sum, count) => sum + count.passed, 0)
  const failed = counts.reduce((sum, count) => sum + count.failed, 0)
  for (const problem of counts.flatMap((count) => count.problems)) console.log(`  ✗ ${problem}`)
  console.log(`${passed} passed, ${failed} failed`)
  return failed > 0 || passed === 0 ? 1 : 0
}

async function runStep(step: Step): Promise<Count> {
  console.log(`▸ ${step.name}`)
  const started = performance.now()
  const exitCode = await run(step.command, step.args, step.folder)
  const count = countStep(step, exitCode)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${count.failed > 0 ? '✗' : '✓'} ${step.name}: ${describeCount(step, count)}${seconds} s\n`)
  return count
}

function describeCount({ runner }: Step, { passed, failed }: Count): string {
  return runner === 'check' ? '' : `${passed} passed, ${failed} failed, `
}

function countStep(step: Step, exitCode: number): Count {
  if (step.resultFile === undefined) return countCheck(step.name, exitCode)
  const read = step.runner === 'vitest' ? countVitest : countPytest
  try {
    return read(readFileSync(step.resultFile, 'utf8'), exitCode)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return { passed: 0, failed: 1, problems: [`${step.name} left no result (exit code ${exitCode}): ${why}`] }
  }
}

/** Resolves to the exit code; a command that cannot be started counts as 127, one ended by a signal as 1. */
function run(command: string, args: string[], cwd = '.'): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', cwd })
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
