import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LogLevel, LogStream } from '@pilothouse/contract'
import { classifyLogLevel } from './log-level.ts'
import { cpuTimeMs } from './test-cpu-time.ts'

const samples: Record<LogLevel, readonly string[]> = {
  error: [
    'ERROR:root:cannot open the file',
    '2024-05-01 12:00:00,123 - trainer - ERROR - out of disk',
    '2024-05-01 12:00:00.123 | ERROR    | main:run:12 - broken pipe',
    '[2024-05-01 12:00:00,123] [ERROR] [launch.py:325:sigkill_handler] exits with return code = 1',
    '[2024-05-01T12:00:00Z ERROR server] refused',
    '2024-05-01T12:00:00.000000Z ERROR my_crate::net: refused',
    'CRITICAL: disk is full',
    'Traceback (most recent call last):',
    '[rank0]: Traceback (most recent call last):',
    'RuntimeError: expected scalar type Half but found Float',
    'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB',
    '[rank3]: torch.distributed.DistBackendError: NCCL error in: x.cpp:1333',
    'KeyboardInterrupt',
    'E0501 12:00:00.123456 140 api.py:869] failed',
    '2024-05-01 12:00:00.123456: E tensorflow/compiler/xla/stream_executor/cuda/cuda_dnn.cc:9342] Unable to register',
    'error: unrecognized arguments: --foo',
    'main.c:12:5: error: expected expression',
    'error[E0382]: borrow of moved value',
    'slurmstepd: error: *** JOB 12 ON node1 CANCELLED ***',
    'fatal: not a git repository',
    'npm ERR! code ELIFECYCLE',
    "thread 'main' panicked at src/main.rs:2:5:",
    'Segmentation fault (core dumped)',
    '\u001b[31mERROR\u001b[0m: red',
    '{"level":"error","msg":"x"}',
    '{"level":50,"time":1,"msg":"x"}',
    'level=error msg="x"',
    'Error: ENOENT: no such file',
    'usage: x.py error: 3 files are missing',
  ],
  warning: [
    'WARNING:tensorflow:From a.py:1: deprecated',
    '/usr/lib/python3/site-packages/torch/optim/lr_scheduler.py:143: UserWarning: Detected call of step',
    'a.py:3: FutureWarning: `evaluation_strategy` is deprecated',
    '[W ProcessGroupNCCL.cpp:1856] Warning: 0 NCCL_AVOID_RECORD_STREAMS=1 has no effect',
    '[rank0]:[W501 12:00:00.123456789 ProcessGroupNCCL.cpp:1496] Warning: destroy_process_group() was not called',
    'W0501 12:00:00.123456 140 torch/distributed/run.py:779] Setting OMP_NUM_THREADS',
    '2024-05-01 12:00:00.123456: W tensorflow/core/common_runtime/gpu/gpu_device.cc:2256] Cannot dlopen',
    'node1:12:34 [0] NCCL WARN Call to connect returned Connection refused',
    '2024-05-01 12:00:00 WARN  scheduler: late',
    'warning: unused variable: `x`',
    '\u001b[33m[WARNING]\u001b[0m careful',
  ],
  debug: [
    'DEBUG:urllib3.connectionpool:Starting new HTTPS connection',
    '2024-05-01 12:00:00,1 - a - DEBUG - x',
    '{"severity":"DEBUG"}',
    'debug: x',
  ],
  info: [
    '',
    'Step 100: Loss = 2.345, LR = 0.0001',
    '0 errors, 0 warnings',
    'finished with 0 ERROR and 0 WARNING',
    'loss_error=0.1 val_error=0.2',
    'error: 0.123, loss: 0.4',
    'val error: 0.12',
    'epoch 1 error: 0.3 acc: 0.9',
    'mean squared error: 1.2e-3',
    'saved to /data/ERROR/run.txt and warnings/error.log',
    'error_rate 0.1',
    'Total ERROR: 0',
    'no errors found',
    'the terror of warm fatalism',
    ' 45%|████▌     | 90/200 [00:10<00:12,  8.90it/s, error=0.123]',
    "{'loss': 0.31, 'error': 0.2}",
    '2024-05-01 12:00:00,123 INFO error handling is on',
    'INFO:root:retry after ERROR: timeout',
    'I0501 12:00:00.123456 140 api.py:1] ok',
    '{"level":"info","msg":"error: none"}',
    'TypeErrorHandler registered',
    'handling ErrorRate metrics',
    '"Error" is a word',
  ],
}

for (const level of Object.keys(samples) as LogLevel[]) {
  // the keys are those of a record of levels
  test.each(samples[level].map((line) => [line]))(`${level}: %s`, (line) => {
    expect(classifyLogLevel(line, 'stdout')).toBe(level)
  })
}

test('a frame of a traceback is an error on stderr only', () => {
  const frame = '  File "/home/user/train.py", line 12, in <module>'
  expect(classifyLogLevel(frame, 'stderr')).toBe('error')
  expect(classifyLogLevel(frame, 'stdout')).toBe('info')
})

test('any text has a level', () => {
  const streams: LogStream[] = ['stdout', 'stderr']
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...streams), (text, stream) => {
      expect(['debug', 'info', 'warning', 'error']).toContain(classifyLogLevel(text, stream))
    }),
  )
})

test('adversarial lines of a megabyte take bounded time', () => {
  const started = cpuTimeMs()
  for (const unit of ['error ', 'ERROR ', 'A.', 'A', 'a.', ': E ', '[', 'warn', 'File "', 'error: 1', ' ', '"level"']) {
    classifyLogLevel(unit.repeat(Math.ceil(1_000_000 / unit.length)), 'stderr')
  }
  expect(cpuTimeMs() - started).toBeLessThan(500)
})

test('an ordinary line takes about a microsecond', () => {
  const lines = [
    'Step 100: Loss = 2.345, LR = 0.0001, tokens/s = 12345, grad_norm = 1.2',
    ' 45%|████▌     | 90/200 [00:10<00:12,  8.90it/s, v_num=0, train_loss=0.123]',
    "{'loss': 0.31, 'grad_norm': 1.234, 'learning_rate': 4.9e-05, 'epoch': 0.02}",
    'ordinary words that say nothing about anything in particular, as scripts print them',
  ]
  const count = 200_000
  for (let at = 0; at < count; at += 1) classifyLogLevel(lines[at % 4]!, 'stdout')
  const started = cpuTimeMs()
  for (let at = 0; at < count; at += 1) classifyLogLevel(lines[at % 4]!, 'stdout')
  const nanoseconds = ((cpuTimeMs() - started) * 1e6) / count
  process.stdout.write(`classifyLogLevel: ${nanoseconds.toFixed(0)} ns a line\n`)
  expect(nanoseconds).toBeLessThan(10_000)
})
