import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type BoundedRun, runBounded } from './run-bounded.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-bounded-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = async (code: string, more: Partial<BoundedRun> = {}) =>
  runBounded({
    command: process.execPath,
    args: ['-e', code],
    folder,
    environment: { PATH: process.env['PATH'] ?? '', HERE: 'given' },
    timeoutMs: 60_000,
    memoryBytesMax: 1024 ** 3,
    printedBytesMax: 1024 ** 2,
    ...more,
  })
const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

it('what a program prints is given back with its exit code, and it has the environment that was named', async () => {
  const code = 'console.log(process.env.HERE + (process.env.HOME ?? "")); console.error("said"); process.exitCode = 3'
  expect(await run(code)).toEqual({ end: 'ended', exitCode: 3, stdout: 'given\n', said: 'said\n' })
})

it('one that does not end is ended, with all that it has started', async () => {
  const child = 'setInterval(() => {}, 1000)'
  const code = `const {pid} = require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}]); console.log(pid); ${child}`
  const { end, stdout } = await run(code, { timeoutMs: 1_500 })
  expect(end).toBe('time')
  await expect.poll(() => isThere(Number(stdout))).toBe(false)
})

it('what a program leaves behind when it ends is ended, too', async () => {
  const child = 'setInterval(() => {}, 1000)'
  const code = `const {pid} = require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], {stdio: "inherit"}); console.log(pid); process.exit(0)`
  const { end, stdout } = await run(code)
  expect(end).toBe('ended')
  await expect.poll(() => isThere(Number(stdout))).toBe(false)
})

it.each(['stdout', 'stderr'])('one that prints without end into %s is ended', async (stream) => {
  const { end, stdout, said } = await run(
    // A pipe that is full for a moment says «again».
    `const p = Buffer.alloc(1 << 16, "x"); for (;;) try { require("fs").writeSync(process.${stream}.fd, p) } catch (e) { if (e.code !== "EAGAIN") throw e }`,
  )
  expect(end).toBe('printed')
  expect(stdout.length).toBeLessThanOrEqual(1024 ** 2)
  expect(said.length).toBeLessThanOrEqual(8 * 1024)
})

it('one that takes too much memory is ended', async () => {
  const code = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(1 << 24, 1)), 10)'
  expect((await run(code, { memoryBytesMax: 300 * 1024 ** 2 })).end).toBe('memory')
})

it('one that is not there, and one that nobody wants any more, say so', async () => {
  expect((await run('', { command: '/nowhere/program' })).end).toBe('not-started')
  expect((await run('', { folder: '/nowhere' })).end).toBe('not-started')
  expect((await run('setInterval(() => {}, 1000)', { signal: AbortSignal.abort() })).end).toBe('stopped')
  expect(existsSync(folder)).toBe(true)
})
