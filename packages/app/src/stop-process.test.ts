import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { stopProcess } from './stop-process.ts'

it('an interrupt is enough for a process that listens to it', async () => {
  const child = await start("process.on('SIGINT', () => process.exit(7))")
  await stopProcess(child, { interruptMs: 10_000, terminateMs: 10_000 })
  expect(child.exitCode).toBe(7)
})

it('one that listens to nothing is ended by force', async () => {
  const child = await start("for (const s of ['SIGINT', 'SIGTERM']) process.on(s, () => {})")
  await stopProcess(child, { interruptMs: 20, terminateMs: 20 })
  expect(child.signalCode).toBe('SIGKILL')
})

it('one that has ended is left alone', async () => {
  const child = await start('process.exit(0)')
  await once(child, 'exit')
  await stopProcess(child, { interruptMs: 10_000, terminateMs: 10_000 })
  expect(child.exitCode).toBe(0)
})

async function start(script: string) {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('up'); setInterval(() => {}, 1000)`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (!script.startsWith('process.exit')) await once(child.stdout, 'data')
  return child
}
