import { EventEmitter, once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LineSplitter } from './line-splitter.ts'
import { type RunOptions, type RunResult, runLocal } from './run-local.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-run-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

type Captured = RunResult & { stdout: Buffer; stderr: Buffer; passed: Buffer }

async function runShell(script: string, options: Partial<RunOptions> = {}): Promise<Captured> {
  const seen = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  const passed: Buffer[] = []
  const target = new Writable({
    write(chunk: Buffer, _, done) {
      passed.push(chunk)
      done()
    },
  })
  const result = await runLocal({
    command: '/bin/sh',
    args: ['-c', script],
    stdin: 'ignore',
    stdout: target,
    stderr: null,
    onOutput: (stream, bytes) => void seen[stream].push(bytes),
    ...options,
  })
  const joined = { stdout: Buffer.concat(seen.stdout), stderr: Buffer.concat(seen.stderr) }
  return { ...result, ...joined, passed: Buffer.concat(passed) }
}

test('exit code and output come back, each stream by itself, odd bytes unchanged', async () => {
  const { exitCode, signal, stdout, stderr, passed } = await runShell(
    String.raw`printf 'a\377\000\303\244\r\033[1mx\n'; printf 'oops' >&2; exit 3`,
  )
  expect({ exitCode, signal }).toEqual({ exitCode: 3, signal: null })
  expect(stdout).toEqual(Buffer.from([0x61, 0xff, 0, 0xc3, 0xa4, 0x0d, 0x1b, 0x5b, 0x31, 0x6d, 0x78, 0x0a]))
  expect(passed).toEqual(stdout)
  expect(stderr.toString()).toBe('oops')
})

test('a program killed by a signal says which', async () => {
  const { exitCode, signal } = await runShell('kill -9 $$')
  expect({ exitCode, signal }).toEqual({ exitCode: null, signal: 'SIGKILL' })
})

test('arguments and environment reach the program as they are, without a shell', async () => {
  const { stdout } = await runShell('printf "%s|" "$@"; printf "%s" "$WORD"', {
    args: ['-c', 'printf "%s|" "$@"; printf "%s" "$WORD"', 'name', 'a b', '$HOME', '; rm x', '*'],
    env: { PATH: process.env['PATH'], WORD: 'ä ö' },
  })
  expect(stdout.toString()).toBe('a b|$HOME|; rm x|*|ä ö')
})

test('a large output arrives whole, however slowly it is read', async () => {
  const target = new PassThrough({ highWaterMark: 1_024 })
  let bytes = 0
  target.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    target.pause()
    setImmediate(() => target.resume())
  })
  const { stdout, exitCode } = await runShell('head -c 3000000 /dev/zero', { stdout: target })
  expect(exitCode).toBe(0)
  expect(stdout).toHaveLength(3_000_000)
  target.end()
  await once(target, 'end')
  expect(bytes).toBe(3_000_000)
})

test('a reader that goes away does not end the program', async () => {
  const target = new Writable({
    write(_, __, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    },
  })
  const { stdout, exitCode } = await runShell('for i in 1 2 3 4 5; do echo $i; done; head -c 300000 /dev/zero', {
    stdout: target,
  })
  expect(exitCode).toBe(0)
  expect(stdout).toHaveLength(300_010)
})

test('a command that does not exist is said so', async () => {
  const run = runLocal({ command: 'no-such-command-at-all', stdin: 'ignore' })
  await expect(run).rejects.toMatchObject({
    code: 'notFound',
    field: 'command',
    message: 'The command «no-such-command-at-all» was not found.',
  })
})

test('a file that is not executable is told apart', async () => {
  const file = join(folder, 'plain.txt')
  await writeFile(file, 'echo hello\n')
  await chmod(file, 0o644)
  await expect(runLocal({ command: file, stdin: 'ignore' })).rejects.toMatchObject({ code: 'forbidden' })
})

test('a missing folder is not mistaken for a missing command', async () => {
  const run = runLocal({ command: 'sh', cwd: join(folder, 'nowhere'), stdin: 'ignore' })
  await expect(run).rejects.toMatchObject({ code: 'invalid', field: 'cwd' })
})

test.each(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGINT'] as const)('%s is passed on', async (name) => {
  const signals = new EventEmitter()
  const short = name.replace('SIG', '')
  const run = runShell(`trap 'echo got; exit 7' ${short}; echo ready; while :; do sleep 0.02; done`, {
    signals,
    onOutput: (_, bytes) => {
      if (Buffer.from(bytes).toString().includes('ready')) signals.emit(name, name)
    },
  })
  expect((await run).exitCode).toBe(7)
  expect(signals.listenerCount(name)).toBe(0)
})

test('output that something left behind holds open does not hold us', async () => {
  const { exitCode, stdout } = await runShell('sleep 5 & echo done', { lingerMs: 50 })
  expect(exitCode).toBe(0)
  expect(stdout.toString()).toBe('done\n')
})

test('the start is told with the process id', async () => {
  let pid = 0
  const { stdout } = await runShell('echo $$', { onStart: (started) => void (pid = started) })
  expect(stdout.toString()).toBe(`${pid}\n`)
})

test('lines of a real program with a progress bar come out as a terminal would leave them', async () => {
  const splitter = new LineSplitter()
  const lines: string[] = []
  await runShell(String.raw`printf 'start\n'; for i in 1 2 3; do printf '\r%s/3' $i; done; printf '\nend'`, {
    onOutput: (_, bytes) => void lines.push(...splitter.push(bytes)),
  })
  expect([...lines, ...splitter.end()]).toEqual(['start', '3/3', 'end'])
})

/** Opens a terminal for a command, types Ctrl-C once «ready» shows, and prints everything that showed. Python has one at hand. */
const terminal = `
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
shown, typed, end = b'', False, time.time() + 15
while time.time() < end:
    if not select.select([fd], [], [], 0.2)[0]:
        continue
    try:
        part = os.read(fd, 4096)
    except OSError:
        break
    if not part:
        break
    shown += part
    if b'ready' in shown and not typed:
        typed = True
        os.write(fd, b'\\x03')
os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
`
/** Counts the interrupts that come within a third of a second of the first, and writes to the terminal itself. */
const counter = `
import signal, time
heard = 0
def hear(*_):
    global heard
    heard += 1
signal.signal(signal.SIGINT, hear)
print('ready', flush=True)
while heard == 0:
    time.sleep(0.01)
until = time.time() + 0.3
while time.time() < until:
    time.sleep(0.01)
open('/dev/tty', 'w').write('the terminal is still there\\n')
print(f'heard {heard}', flush=True)
`

test('in a terminal Ctrl-C reaches the program once, and the program keeps the terminal', async () => {
  const script = join(folder, 'counter.py')
  await writeFile(script, counter)
  const module = JSON.stringify(new URL('./run-local.ts', import.meta.url).href)
  const code = `const { runLocal } = await import(${module})
    console.log(JSON.stringify(await runLocal({ command: 'python3', args: [${JSON.stringify(script)}] })))`
  const inner = [process.execPath, '--input-type=module', '-e', code]
  const shown: Uint8Array[] = []
  const result = await runLocal({
    command: 'python3',
    args: ['-c', terminal, ...inner],
    stdin: 'ignore',
    stdout: null,
    stderr: null,
    onOutput: (_, bytes) => void shown.push(bytes),
  })
  const text = Buffer.concat(shown).toString()
  expect(result.exitCode).toBe(0)
  expect(text).toContain('the terminal is still there')
  expect(text).toContain('heard 1')
  expect(text).toContain('{"exitCode":0,"signal":null}')
})
