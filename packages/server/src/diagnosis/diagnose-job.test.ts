import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestStorage, linesOf, openTestStorage, pointsOf } from '../storage/test-storage.ts'

let test: TestStorage
beforeAll(async () => {
  test = await openTestStorage()
})
afterAll(() => test.close())

const diagnose = (uid: string) => test.storage.call('jobs.diagnosis', { uid })
const at = Date.now()
const failedWith = (type: string, message: string) => ({
  state: 'failed' as const,
  at,
  exitCode: 1,
  error: { type, message },
})

describe('the diagnosis of a job', () => {
  it('links its finding to the line, with five lines on each side', async () => {
    await test.put('module-1')
    const before = Array.from({ length: 20 }, (_, step) => `step ${step}`)
    const error = "ModuleNotFoundError: No module named 'flash_attn'"
    await test.report('module-1', {
      logs: [linesOf([...before, error, ...before], 'stderr')],
      state: failedWith('ModuleNotFoundError', "No module named 'flash_attn'"),
    })
    const { findings, place } = await diagnose('module-1')
    expect(findings).toMatchObject([{ rule: 'missing-module', evidence: [{ kind: 'line', n: 20, text: error }] }])
    expect(place?.n).toBe(20)
    expect(place?.lines.map(({ n }) => n)).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25])
  })

  it('has no finding for an error that no rule knows, and shows its line nevertheless', async () => {
    await test.put('value-1')
    const lines = [
      'Traceback (most recent call last):',
      '  File "a.py", line 1',
      '    raise ValueError("too small")',
      'ValueError: too small',
      'bye',
    ]
    await test.report('value-1', { logs: [linesOf(lines, 'stderr')], state: failedWith('ValueError', 'too small') })
    const { findings, place } = await diagnose('value-1')
    expect(findings).toEqual([])
    expect(place).toMatchObject({ n: 3 })
    expect(place?.lines).toHaveLength(5)
  })

  it('finds the very step at which the loss stopped being a number, among many', async () => {
    await test.put('nan-1')
    const loss = Array.from({ length: 20_000 }, (_, step) => (step < 12_345 ? 1 / (step + 1) : Number.NaN))
    await test.report('nan-1', { points: [pointsOf({ loss, lr: loss.map(() => 0.1) })] })
    await test.report('nan-1', { state: failedWith('RuntimeError', 'Loss is nan, stopping training') })
    const { findings, place } = await diagnose('nan-1')
    expect(findings).toMatchObject([
      {
        rule: 'not-finite',
        evidence: [
          { kind: 'error', text: 'RuntimeError: Loss is nan, stopping training' },
          { kind: 'metric', key: 'loss', step: 12_345, value: 'NaN' },
        ],
      },
    ])
    expect(place).toBeNull()
  })

  it('tells the signal that ended it', async () => {
    await test.put('killed-1')
    await test.report('killed-1', { role: 'exit', writer: 'x', state: { state: 'failed', at, signal: 'SIGKILL' } })
    expect((await diagnose('killed-1')).findings).toMatchObject([
      { rule: 'killed', evidence: [{ kind: 'outcome', text: 'ended by SIGKILL' }] },
    ])
  })

  it('sees errors that stand far above the end of the log, and calls them possible', async () => {
    await test.put('far-1')
    const steps = Array.from({ length: 5_000 }, (_, step) => `step ${step}`)
    await test.report('far-1', { logs: [linesOf(['OSError: [Errno 24] Too many open files', ...steps], 'stderr')] })
    await test.report('far-1', { state: { state: 'failed', at, exitCode: 1 } })
    expect((await diagnose('far-1')).findings).toMatchObject([
      { rule: 'open-files', certainty: 'possible', evidence: [{ kind: 'line', n: 0 }] },
    ])
  })

  it('is of the newest attempt', async () => {
    await test.put('again-1')
    await test.report('again-1', { logs: [linesOf(['MemoryError'])], state: failedWith('MemoryError', '') })
    expect((await diagnose('again-1')).findings).toMatchObject([{ rule: 'host-memory' }])
    await test.put('again-1', { attempt: { number: 2 } })
    await test.report('again-1', { attempt: 2, state: { state: 'completed', at, exitCode: 0 } })
    expect(await diagnose('again-1')).toEqual({ job: 'again-1', attempt: 2, findings: [], place: null })
  })

  it('is empty while the job runs, and refused for a job that is not there', async () => {
    await test.put('runs-1')
    await test.report('runs-1', { logs: [linesOf(['MemoryError'])] })
    expect(await diagnose('runs-1')).toEqual({ job: 'runs-1', attempt: 1, findings: [], place: null })
    await expect(diagnose('none-1')).rejects.toMatchObject({ code: 'notFound' })
  })
})
