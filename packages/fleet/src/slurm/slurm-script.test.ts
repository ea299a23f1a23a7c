/** Scripts in a real shell; commands that any machine has stand for Slurm's, which the lab's tests run. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainSlurm } from './slurm-error.ts'
import { checkJobId, submitJob } from './slurm-orders.ts'
import { makeLocalRunner } from '../script-runner.ts'
import { runSlurm } from './run-slurm.ts'

const runner = makeLocalRunner()
const run = (commands: Parameters<typeof runSlurm>[1], seconds = 20): ReturnType<typeof runSlurm> =>
  runSlurm(runner, commands, { seconds, mayRepeat: true })

describe('a script', () => {
  it('keeps output, errors and exit codes of each command apart', async () => {
    const answers = await run([
      { words: ['sh', '-c', 'echo one; echo two >&2; exit 3'] },
      { words: ['cat'], input: 'from %s\n$(here)\\n' },
      { words: ['cat'] },
      { words: ['sh', '-c', 'printf "no end"'] },
    ])
    expect(answers).toEqual([
      { stdout: 'one\n', stderr: 'two', code: 3 },
      { stdout: 'from %s\n$(here)\\n', stderr: '', code: 0 },
      { stdout: '', stderr: '', code: 0 },
      { stdout: 'no end', stderr: '', code: 0 },
    ])
  })

  it('leaves out what needs the command before it', async () => {
    const answers = await run([
      { words: ['false'] },
      { words: ['echo', 'one'], afterSuccess: true },
      { words: ['echo', 'two'] },
    ])
    expect(answers.map(({ stdout, code }) => [stdout, code])).toEqual([
      ['', 1],
      ['', -1],
      ['two\n', 0],
    ])
  })

  it('gives each command its time', async () => {
    const [slow, quick] = await run([{ words: ['sleep', '30'] }, { words: ['echo', 'on'] }], 1)
    expect(slow?.code).toBe(124)
    expect(slow && explainSlurm('x', 'squeue', slow)).toMatchObject({ kind: 'slow' })
    expect(quick?.stdout).toBe('on\n')
  })

  it('passes any word on as it is', async () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\0', '').toWellFormed())
    const words = fc.sample(fc.array(word, { minLength: 1, maxLength: 8 }), 30)
    const answers = await run(words.map((some) => ({ words: ['printf', String.raw`%s\n.`, ...some] })))
    expect(answers.map(({ stdout }) => stdout)).toEqual(words.map((some) => some.map((one) => `${one}\n.`).join('')))
  })

  it('gives up a shell that hangs, and output without end', async () => {
    const never = runner.run('exec sleep 30', { timeoutMs: 300, outputBytesMax: 100, mayRepeat: true })
    await expect(never).rejects.toMatchObject({ kind: 'slow' })
    const endless = runner.run('exec yes', { timeoutMs: 20_000, outputBytesMax: 10_000, mayRepeat: true })
    await expect(endless).rejects.toMatchObject({ kind: 'endless' })
    await expect(run([{ words: ['echo', 'on'] }])).resolves.toHaveLength(1)
  })
})

describe('words for a failure', () => {
  it.each([
    [1, 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)', 'controller'],
    [1, 'slurm_load_jobs error: Zero Bytes were transmitted or received', 'controller'],
    [1, 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation', 'controller'],
    [1, 'slurm_load_jobs error: Invalid job id specified', 'unknownJob'],
    [1, 'Slurm accounting storage is disabled', 'noAccounting'],
    [127, 'sh: 1: squeue: not found', 'missing'],
    [124, '', 'slow'],
    [
      1,
      'sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified',
      'refused',
    ],
  ])('%i %s', (code, stderr, kind) => {
    expect(explainSlurm('login', 'squeue', { code, stderr })).toMatchObject({ kind })
  })

  it('are Slurm’s own, without what is in front of them', () => {
    const stderr = 'sbatch: error: Batch job submission failed: Invalid qos specification\u001b[31m\n'
    expect(explainSlurm('login', 'sbatch', { code: 1, stderr }).said).toBe(
      'Batch job submission failed: Invalid qos specification[31m',
    )
  })
})

it.each(['1;id', '-1', '', '12_', '12_[1-3', '$(id)', '1\n2', '--me'])('«%s» is no id of a job', (id) => {
  expect(() => checkJobId(id)).toThrow('no id of a job')
})

it.each(['job.sh', '', '-', '--', '-\n', '--x\0'])('«%s» is no option of sbatch', async (option) => {
  await expect(submitJob(runner, { script: '#!/bin/sh\n', options: [option] })).rejects.toMatchObject({
    kind: 'refused',
  })
})
