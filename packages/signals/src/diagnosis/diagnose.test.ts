import { describe, expect, it } from 'vitest'
import { cpuTimeMs } from '../test-cpu-time.ts'
import { type DiagnosisInput, diagnose, isLossKey } from './diagnose.ts'

const moduleError = {
  type: 'ModuleNotFoundError',
  message: "No module named 'flash_attn'",
  traceback: `Traceback (most recent call last):\n  File "train.py", line 3, in <module>\n    import flash_attn\nModuleNotFoundError: No module named 'flash_attn'`,
}

describe('evidence', () => {
  it('is the line of the log that says what the error says', () => {
    const found = diagnose(
      failed({ error: moduleError, texts: ['start', `${moduleError.type}: ${moduleError.message}`] }),
    )
    expect(found).toMatchObject([
      {
        rule: 'missing-module',
        certainty: 'certain',
        title: 'The Python module «flash_attn» is missing',
        evidence: [{ kind: 'line', n: 1, text: "ModuleNotFoundError: No module named 'flash_attn'" }],
      },
    ])
  })

  it('is not the line of another trouble of the same kind', () => {
    const texts = ["ModuleNotFoundError: No module named 'xformers'", 'going on without']
    expect(diagnose(failed({ error: moduleError, texts }))).toMatchObject([
      { title: expect.stringContaining('flash_attn'), evidence: [{ kind: 'error' }] },
    ])
  })

  it('is the error itself where the log does not have it', () => {
    const [found] = diagnose(failed({ error: moduleError }))
    expect(found?.evidence).toEqual([{ kind: 'error', text: "ModuleNotFoundError: No module named 'flash_attn'" }])
  })

  it('may stand further up in the traceback, where another exception was made of it', () => {
    const traceback = `Traceback (most recent call last):\n  File "a.py", line 1\nOSError: [Errno 28] No space left on device\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File "b.py", line 2\nSaveError: it was not saved`
    const [found] = diagnose(failed({ error: { type: 'SaveError', message: 'it was not saved', traceback } }))
    expect(found).toMatchObject({ rule: 'disk-full', certainty: 'certain' })
  })

  it('is not looked for in the source lines of a traceback', () => {
    const traceback = `Traceback (most recent call last):\n  File "a.py", line 1\n    raise Stop("CUDA error: out of memory")\nStop: enough`
    expect(diagnose(failed({ error: { type: 'Stop', message: 'enough', traceback } }))).toEqual([])
  })

  it('is the first loss that was no number, with its step', () => {
    const metrics = [
      { key: 'accuracy', step: 10, value: 'NaN' },
      { key: 'val/loss', step: 500, value: 'NaN' },
      { key: 'train/loss', step: 412, value: 'Infinity' },
    ] as const
    expect(diagnose(failed({ metrics }))).toMatchObject([
      {
        rule: 'not-finite',
        certainty: 'likely',
        meaning: expect.stringContaining('«train/loss»'),
        evidence: [{ kind: 'metric', key: 'train/loss', step: 412, value: 'Infinity' }],
      },
    ])
  })

  it('of a loss without a number says less where something else ended the job', () => {
    const metrics = [{ key: 'loss', step: 3, value: 'NaN' }] as const
    expect(diagnose(failed({ metrics, signal: 'SIGKILL' }))).toMatchObject([
      { rule: 'killed', certainty: 'certain' },
      { rule: 'not-finite', certainty: 'possible' },
    ])
  })

  it('is the way the process ended', () => {
    expect(diagnose(failed({ signal: 'SIGKILL' }))).toMatchObject([
      { rule: 'killed', evidence: [{ kind: 'outcome', text: 'ended by SIGKILL' }] },
    ])
    expect(diagnose(failed({ exitCode: 139 }))).toMatchObject([
      { rule: 'segfault', evidence: [{ kind: 'outcome', text: 'exit code 139' }] },
    ])
  })

  it('has neither colours nor what a launcher puts in front of a line', () => {
    const [found] = diagnose(failed({ texts: ['[rank1]: \u001b[31mMemoryError\u001b[0m'] }))
    expect(found?.evidence).toEqual([{ kind: 'line', n: 0, text: 'MemoryError' }])
  })
})

describe('order', () => {
  it('puts memory that ran out on one rank before the time-outs and signals of the others', () => {
    const texts = [
      '[rank3]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 3 has a total capacity of 79 GiB.',
      '[rank0]:[E1218 20:27:21.4 ProcessGroupNCCL.cpp:629] [Rank 0] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=1)',
      'torch.distributed.elastic.multiprocessing.api.SignalException: Process 4242 got signal: 15',
    ]
    const error = { type: 'torch.distributed.DistBackendError', message: 'NCCL error in: x.cpp:1', traceback: null }
    expect(ids({ texts, error, signal: 'SIGTERM' })).toEqual(['gpu-memory', 'collective-timeout', 'terminated'])
  })

  it('puts full shared memory before the worker that it killed', () => {
    const texts = [
      'ERROR: Unexpected bus error encountered in worker. This might be caused by insufficient shared memory (shm).',
      'RuntimeError: DataLoader worker (pid(s) 4321) exited unexpectedly',
    ]
    expect(ids({ texts })).toEqual(['shared-memory', 'worker-killed'])
  })

  it('puts the kernel that says why before the signal that came of it', () => {
    const texts = [
      'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=7.batch. Some of your processes may have been killed',
    ]
    expect(ids({ texts, signal: 'SIGKILL' })).toEqual(['host-memory', 'killed'])
  })

  it('puts the error before a trouble that the script had got over', () => {
    const texts = ["ModuleNotFoundError: No module named 'flash_attn'", 'falling back to sdpa']
    const error = { type: 'OSError', message: '[Errno 28] No space left on device', traceback: null }
    expect(ids({ texts, error })).toEqual(['disk-full', 'missing-module'])
    expect(diagnose(failed({ texts, error }))[1]?.certainty).toBe('possible')
  })

  it('calls only possible what stands above another exception that no rule knows', () => {
    const texts = [
      "ModuleNotFoundError: No module named 'flash_attn'",
      'falling back to sdpa',
      'ValueError: of its own',
    ]
    expect(diagnose(failed({ texts }))).toMatchObject([{ rule: 'missing-module', certainty: 'possible' }])
  })

  it('knows an exception by the lines of its message, too', () => {
    const texts = [
      'RuntimeError: Error(s) in loading state_dict for Net:',
      '\tsize mismatch for fc.weight: copying a param with shape torch.Size([2]) from checkpoint, the shape in current model is torch.Size([3]).',
    ]
    expect(diagnose(failed({ texts }))).toMatchObject([{ rule: 'checkpoint-mismatch', certainty: 'certain' }])
  })

  it('calls what stands far from the end only possible', () => {
    const texts = [
      'OSError: [Errno 24] Too many open files',
      ...Array.from({ length: 600 }, (_, step) => `step ${step}`),
    ]
    expect(diagnose(failed({ texts }))).toMatchObject([{ rule: 'open-files', certainty: 'possible' }])
  })
})

describe('nothing is said', () => {
  it('of an error that no rule knows', () => {
    const error = { type: 'ValueError', message: 'learning rate must be positive', traceback: null }
    expect(diagnose(failed({ error, texts: ['ValueError: learning rate must be positive'] }))).toEqual([])
  })

  it.each(['completed', 'running', 'pending', 'paused'] as const)('of a job that is %s', (state) => {
    expect(diagnose({ ...failed({ texts: ['MemoryError'] }), state, exitCode: 0 })).toEqual([])
  })

  it('of a job that somebody cancelled, unless a signal or the scheduler ended it', () => {
    expect(diagnose({ ...failed({ texts: ['MemoryError'] }), state: 'cancelled' })).toEqual([])
    const texts = ['slurmstepd: error: *** JOB 1 ON n1 CANCELLED AT 2026-03-01T12:00:00 DUE TO TIME LIMIT ***']
    expect(diagnose({ ...failed({ texts }), state: 'cancelled' })).toMatchObject([{ rule: 'time-limit' }])
  })
})

it('of a lost job it is said that nobody knows, behind what its log tells', () => {
  expect(diagnose({ ...failed({}), state: 'lost', exitCode: null })).toMatchObject([{ rule: 'no-report' }])
  const lost = { ...failed({ texts: ['srun: error: Node failure on node07'] }), state: 'lost' } as const
  expect(diagnose(lost).map(({ rule }) => rule)).toEqual(['lost-host', 'no-report'])
})

it.each([
  ['ordinary', 'the quick brown fox, step 12 loss 0.123; '],
  [
    'almost matching',
    "CUDA out of memory. Tried to {ModuleNotFoundError: No module named 'x size mismatch for DataLoader worker (pid ",
  ],
  ['empty-handed', '[rank1]: [rank1]: 12: 12: '],
])('ten thousand long %s lines are read in time', (_, part) => {
  const text = part.repeat(200)
  const texts = Array.from({ length: 10_000 }, () => text)
  const before = cpuTimeMs()
  diagnose(failed({ texts }))
  expect(cpuTimeMs() - before).toBeLessThan(4_000)
})

type Parts = Partial<Omit<DiagnosisInput, 'lines' | 'linesTotal' | 'state'>> & { texts?: readonly string[] }

function ids(parts: Parts): string[] {
  return diagnose(failed(parts)).map(({ rule }) => rule)
}

function failed({ texts = [], ...rest }: Parts): DiagnosisInput {
  const lines = texts.map((text, n) => ({ n, text }))
  const end = { error: null, exitCode: 1, signal: null, metrics: [] }
  return { state: 'failed', ...end, ...rest, lines, linesTotal: lines.length }
}

it.each([
  ['loss', true],
  ['train/loss', true],
  ['valLoss', true],
  ['eval_perplexity', true],
  ['grad_norm', true],
  ['loss_scale', false],
  ['lossless_ratio', false],
  ['accuracy', false],
])('%s has to stay finite: %s', (key, isLoss) => {
  expect(isLossKey(key)).toBe(isLoss)
})
