import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { batchKeys, makeBatch } from './kill-child.fixture.ts'
import { TemporaryStore } from './temporary-store.fixture.ts'

const child = fileURLToPath(new URL('kill-child.fixture.ts', import.meta.url))
const rounds = 6

/** Runs the child until it has printed `enough` numbers, then kills it in whatever it is doing. */
async function appendUntilKilled(place: string, first: number, enough: number): Promise<number[]> {
  // With much memory the WAL alone keeps what is not sealed; with little, tails do.
  const headBytesMax = Math.random() < 0.5 ? 60_000 : 100_000_000
  const command = [child, place, String(first), String(headBytesMax)]
  const running = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => running.once('close', resolve))
  const numbers: number[] = []
  for await (const line of createInterface({ input: running.stdout })) {
    numbers.push(Number(line))
    if (numbers.length === enough) running.kill('SIGKILL')
  }
  await ended
  expect(running.signalCode).toBe('SIGKILL')
  return numbers
}

it('kill -9 at any moment loses no committed point and doubles none', async () => {
  await using temporary = await TemporaryStore.open()
  const acknowledged: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await temporary.database.close()
    const enough = 20 + Math.floor(Math.random() * 150)
    acknowledged.push(...(await appendUntilKilled(temporary.place, round * 100_000, enough)))
    await temporary.reopen()
    await compareWith(temporary, acknowledged)
  }
  await temporary.maintainAll()
  await compareWith(temporary, acknowledged)
}, 120_000)

async function compareWith({ store }: TemporaryStore, acknowledged: readonly number[]): Promise<void> {
  const found = new Map<string, number>()
  for (let group = 1; group <= 5; group += 1) {
    for await (const { key, values } of store.export([{ group, branch: 0, source: '*' }])) {
      for (const value of values) found.set(`${key} ${value}`, (found.get(`${key} ${value}`) ?? 0) + 1)
    }
  }
  for (const number of acknowledged) {
    const { keys, steps } = makeBatch(number)
    for (const key of keys) expect(found.get(`${key} ${number}`), `batch ${number}, key ${key}`).toBe(steps.length)
  }
  // A batch whose acknowledgement was cut off is there whole or not at all.
  for (const [name, count] of found) expect(count, name).toBe(makeBatch(0).steps.length)
  expect([...found.keys()].every((name) => batchKeys.includes(name.split(' ')[0]!))).toBe(true)
}
