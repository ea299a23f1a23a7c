import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Sleeper } from './sleeper.ts'

const day = 86_400_000
const never = new AbortController().signal

test('a sleep ends when it is woken', async () => {
  const sleeper = new Sleeper()
  const sleep = sleeper.sleep(day, never)
  sleeper.wake()
  await sleep
})

test('a call between two sleeps ends the next one, and only that', async () => {
  const sleeper = new Sleeper()
  await sleeper.sleep(1, never)
  sleeper.wake()
  sleeper.wake()
  await sleeper.sleep(day, never)
  let isOver = false
  const sleep = sleeper.sleep(day, never).then(() => (isOver = true))
  for (let turns = 0; turns < 10; turns += 1) await turn()
  expect(isOver).toBe(false)
  sleeper.wake()
  await sleep
})

test('a sleep ends with its signal', async () => {
  const stop = new AbortController()
  const sleep = new Sleeper().sleep(day, stop.signal)
  stop.abort()
  await sleep
  await new Sleeper().sleep(day, stop.signal)
})
