import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('./fill-heads.fixture.ts', import.meta.url))
/** Measured after each round, MB: 310, 323, 389, 582, 633, 633. Collecting garbage is the runtime's affair. */
const rssBytesMax = 800e6

type Filled = { series: number; points: number; headBytes: number; headBytesMax: number; rssBytes: number[] }

it('100,000 open series stay within the memory given to heads, and the process stops growing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-heads-'))
  const { stdout } = await promisify(execFile)(process.execPath, [script, join(folder, 'heads.db')])
  await rm(folder, { recursive: true })
  const { series, points, headBytes, headBytesMax, rssBytes } = JSON.parse(stdout) as Filled // as the script prints it
  expect([series, points]).toEqual([100_000, 4_800_000])
  expect(headBytes).toBeLessThanOrEqual(headBytesMax)
  // The limit was reached, so that something had to leave.
  expect(headBytes).toBeGreaterThan(headBytesMax * 0.8)
  expect(Math.max(...rssBytes)).toBeLessThan(rssBytesMax)
  expect(rssBytes.at(-1)).toBeLessThan((rssBytes.at(-3) ?? 0) * 1.25)
}, 180_000)
