import type { LookAtMachine } from '@pilothouse/terminal/top'
import { expect, it } from 'vitest'
import { withProviderLog } from './provider-log.ts'

const minute = 60_000
const machine = { id: '7' } as Parameters<LookAtMachine>[0] // looks here read nothing else of it

/** Looks in turn, at times that the test sets. */
function stand(look: LookAtMachine) {
  const world = { now: 0, log: [] as string[], asked: 0, tried: 0 }
  const readLog = (): Promise<string[]> => {
    world.asked += 1
    return Promise.resolve(world.log)
  }
  const counted: LookAtMachine = (...given) => {
    world.tried += 1
    return look(...given)
  }
  const both = withProviderLog(counted, { readLog }, () => world.now)
  let after: unknown = null
  const next = async (signal = new AbortController().signal) => {
    const found = await both(machine, { after, linesMax: 10, signal })
    after = found.place
    return found
  }
  return { world, next }
}

it('a machine that refuses ssh shows the log of its provider, each line once, and is asked for it once in a minute', async () => {
  const { world, next } = stand(() => Promise.reject(new Error('Connection refused')))
  world.log = ['a', 'b']
  expect(await next()).toMatchObject({
    lines: ['a', 'b'],
    note: 'ssh does not reach it: Connection refused. Its log comes from its provider, once in a minute.',
  })
  world.log = ['b', 'c']
  world.now = 5_000
  expect((await next()).lines).toEqual([])
  world.now = minute
  expect((await next()).lines).toEqual(['c'])
  expect([world.asked, world.tried]).toEqual([2, 1])
})

it('ssh is tried again after two minutes, and goes on where it was', async () => {
  const places: unknown[] = []
  let isDown = false
  const { world, next } = stand((_, { after }) => {
    places.push(after)
    return isDown ? Promise.reject(new Error('down')) : Promise.resolve({ lines: ['x'], gpus: [], place: 'here' })
  })
  await next()
  isDown = true
  await next()
  isDown = false
  world.now = minute
  expect((await next()).note).toContain('down.')
  world.now = 2 * minute
  const found = await next()
  expect([found.lines, found.note]).toEqual([['x'], undefined])
  expect(places).toEqual([null, 'here', 'here'])
})

it('whoever gives up while ssh is tried asks nobody else', async () => {
  const giveUp = new AbortController()
  const { world, next } = stand((_, { signal }) => {
    giveUp.abort(new Error('enough'))
    return Promise.reject(signal.reason as Error) // given above
  })
  await expect(next(giveUp.signal)).rejects.toThrow('enough')
  expect(world.asked).toBe(0)
})
