/**
 * The screen as a process of its own, which the bench measures: `idle` tells once and is silent, `draw` tells once a second; a number
 * tells so many seconds in fast motion, then is silent; with a second number n, it draws each n-th of them.
 */
import { runTop } from '@pilothouse/terminal/top'
import { makeSource } from './top-source.ts'

const mode = process.argv[2] ?? 'idle'
const drawEvery = Number(process.argv[3] ?? 1)
const atOnce = 50
const source = makeSource()
let at = Date.now()

const code = runTop({
  source,
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  now: Date.now,
  options: { intervalMs: 1_000, readOnly: false, theme: 'dark', groups: [] },
  environment: process.env,
  signals: process,
})
source.tick(at)
if (mode === 'draw') setInterval(() => source.tick(Date.now()), 1_000)
else if (mode !== 'idle') await hurry(Number(mode))
process.exitCode = await code
process.exit()

/** A key that draws all anew stands for a second that passed. */
async function hurry(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    at += 1_000
    source.tick(at)
    if (second % drawEvery === 0) process.stdin.emit('data', '\f')
    if (second % atOnce === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  process.stdout.write('\u001B]0;hurried\u0007')
}
