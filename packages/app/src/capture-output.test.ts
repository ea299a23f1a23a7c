import { expect, test } from 'vitest'
import { Reporter } from '@pilothouse/client'
import { decodeReportFrame } from '@pilothouse/contract'
import { builtInPatterns } from '@pilothouse/signals'
import { OutputReader } from './capture-output.ts'

/** The points [step, loss] that this output makes, written in these parts, a second after each other. */
async function readParts(parts: readonly string[]): Promise<(readonly [number, number])[]> {
  const points: (readonly [number, number])[] = []
  const reporter = new Reporter({
    attempt: 1,
    writer: 'w',
    role: 'exit',
    send: async (bytes) => {
      const { number, points: blocks } = decodeReportFrame(bytes)
      for (const { keys, steps, values } of blocks) {
        const loss = values[keys.indexOf('loss')] ?? []
        for (let row = 0; row < steps.length; row += 1) points.push([steps[row] ?? NaN, loss[row] ?? NaN])
      }
      return { number, repeated: false, serverTime: 0, state: 'running' }
    },
  })
  let time = 1_000_000
  const output = new OutputReader(reporter, { now: () => time, patterns: builtInPatterns, listen: () => 'none' })
  for (const part of parts) {
    output.push('stdout', new TextEncoder().encode(part))
    time += 1_000
  }
  output.end()
  await reporter.close(5_000)
  return points
}

test('a line that comes in parts is one point, with its whole value', async () => {
  expect(await readParts(['step 1/3 loss=0.25', '\nstep 2/3 loss=0.', '5\n', 'step 3/3 ', 'loss=0.75'])).toEqual([
    [1, 0.25],
    [2, 0.5],
    [3, 0.75],
  ])
})

test('a line end of two characters that comes in parts is one line end', async () => {
  expect(await readParts(['step 1/3 loss=0.25\r', '\nstep 2/3 loss=0.5\r\n'])).toEqual([
    [1, 0.25],
    [2, 0.5],
  ])
})

test('each state of a line that is redrawn is a point, the one it ends with once', async () => {
  expect(await readParts(['\rstep 1/3 loss=0.25', '\rstep 2/3 loss=0.5', '\rstep 3/3 loss=0.75', '\n'])).toEqual([
    [1, 0.25],
    [2, 0.5],
    [3, 0.75],
  ])
  expect(await readParts(['step 1/3 loss=0.25', '\r', 'step 2/3 loss=0.5', '\r', '\n'])).toEqual([
    [1, 0.25],
    [2, 0.5],
  ])
})
