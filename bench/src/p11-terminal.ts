/**
 * P11: the screen of the terminal, as a real process in a terminal of its own: five machines and their logs. CPU at rest and while it
 * draws once a second, memory after a day's and a week's worth of updates, time from a key to its bytes; and the memory of the whole
 * command. Linux only: it reads /proc.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { collectEveryMs, topNodeFlags } from '@pilothouse/terminal/top'
import { rolldown } from 'rolldown'
import { launcher, makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure, takePercentile } from './figure.ts'
import { PtyProcess } from './pty-process.ts'
import { readCpuMs } from './read-cpu.ts'
import { readMemory } from './read-memory.ts'
import { startStreamingJob } from './streaming-job.ts'

const size = { cols: 120, rows: 40 }
/** Seconds of a day and of a week: five machines that tell once a second. */
const daySeconds = 86_400
const weekSeconds = 7 * daySeconds
/** A frame costs more than its news: of a day each tenth is drawn, of a week each hundredth. */
const drawEvery = 10
const settleMs = 3_000
/** Until the screen has looked at its heap once more. */
const restMs = collectEveryMs + 2_000
const keysPressed = 200
const keyGapMs = 25

export async function measureTerminal({ short }: { short: boolean }): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'p11-'))
  try {
    const program = await bundleScreen(folder)
    return [
      await measureCpu(program, { mode: 'idle', windowMs: short ? 8_000 : 60_000, atMost: 1 }),
      await measureCpu(program, { mode: 'draw', windowMs: short ? 8_000 : 60_000, atMost: 5 }),
      await measureKeys(program),
      ...(await measureMemory(program, { what: 'a day', seconds: daySeconds, every: drawEvery })),
      ...(short ? [] : await measureMemory(program, { what: 'a week', seconds: weekSeconds, every: drawEvery * 10 })),
      await measureCommand('invented machines', ['--mock'], process.env),
      await measureAtServer(),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As the package ships it: one file that loads nothing else. */
async function bundleScreen(folder: string): Promise<string> {
  const bundle = await rolldown({ input: join(import.meta.dirname, 'p11-screen.ts'), platform: 'node' })
  await bundle.write({ dir: folder, format: 'esm', entryFileNames: 'p11-screen.mjs' })
  await bundle.close()
  return join(folder, 'p11-screen.mjs')
}

async function startScreen(program: string, ...words: readonly string[]): Promise<PtyProcess> {
  const screen = new PtyProcess({ command: [process.execPath, ...topNodeFlags, program, ...words], ...size })
  await screen.waitFor('30007010')
  return screen
}

type CpuSpec = { mode: 'idle' | 'draw'; windowMs: number; atMost: number }

async function measureCpu(program: string, { mode, windowMs, atMost }: CpuSpec): Promise<Figure> {
  const screen = await startScreen(program, mode)
  await pause(settleMs)
  const before = readCpuMs(screen.pid)
  const startedAt = performance.now()
  await pause(windowMs)
  const share = (readCpuMs(screen.pid) - before) / (performance.now() - startedAt)
  await screen.quit()
  const what = mode === 'idle' ? 'at rest: CPU, share of a core' : 'drawing once a second: CPU, share of a core'
  return makeFigure({ id: 'P11', what, value: share * 100, unit: '%', atMost })
}

async function measureKeys(program: string): Promise<Figure> {
  const screen = await startScreen(program, 'draw')
  await pause(settleMs)
  const took: number[] = []
  for (let at = 0; at < keysPressed; at += 1) {
    const pressedAt = performance.now()
    // Each key moves the mark by one row, up or down.
    const answer = screen.waitFor('\u001B[7m')
    screen.press(Math.floor(at / 4) % 2 === 0 ? 'j' : 'k')
    await answer
    took.push(performance.now() - pressedAt)
    await pause(keyGapMs)
  }
  await screen.quit()
  return makeFigure({
    id: 'P11',
    what: 'key to screen, p95',
    value: takePercentile(took, 0.95),
    unit: 'ms',
    atMost: 20,
  })
}

type MemorySpec = { what: string; seconds: number; every: number }

async function measureMemory(program: string, { what, seconds, every }: MemorySpec): Promise<Figure[]> {
  const screen = await startScreen(program, String(seconds), String(every))
  await screen.waitFor('hurried')
  await pause(restMs)
  const { rss, pss } = readMemory(screen.pid)
  await screen.quit()
  const unit = 'MB'
  return [
    makeFigure({ id: 'P11', what: `after ${what} of updates: memory (RSS)`, value: rss, unit, atMost: 60 }),
    makeFigure({
      id: 'P11',
      what: `after ${what} of updates: shared pages divided (PSS)`,
      value: pss,
      unit,
      atMost: 35,
    }),
  ]
}

/** The whole command, with all that it loads, after it has looked at its heap twice. */
async function measureCommand(
  what: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  sign = '30007012',
): Promise<Figure> {
  const screen = new PtyProcess({ command: [launcher, 'top', ...words], environment, ...size })
  await screen.waitFor(sign)
  await pause(2 * restMs)
  const { rss } = readMemory(screen.pid)
  await screen.quit()
  return makeFigure({ id: 'P11', what: `the command, ${what}: memory (RSS)`, value: rss, unit: 'MB', atMost: 60 })
}

/** A job of which the screen shows 24 metrics at 10 Hz and 1,000 lines a second. */
async function measureAtServer(): Promise<Figure> {
  const place = makePlace()
  const server = await startBenchServer(place)
  const job = startStreamingJob(place, 'streaming')
  try {
    const environment = { ...process.env, PILOTHOUSE_TOKEN: server.adminToken }
    return await measureCommand('a control room with a loud job', ['--url', server.url], environment, 'running')
  } finally {
    await job.stop()
    await server.stop()
    place.remove()
  }
}
