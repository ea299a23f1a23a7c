/** The window of the log against a real server, without a browser. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient, openEventStream, type Client } from '@pilothouse/client'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { LogFeed, type LogView, windowLinesMax } from '../src/logs/log-feed.ts'
import { noFilter } from '../src/logs/log-reader.ts'
import { Reporter, startWorld, type World } from './world.ts'

let world: World
let client: Client
let feed: LogFeed | undefined
beforeAll(async () => {
  world = await startWorld()
  const token = (await readFile(join(world.server.dataFolder, 'admin.token'), 'utf8')).trim()
  client = createClient({ baseUrl: world.url, token })
})
afterEach(() => feed?.close())
afterAll(async () => world.close())

const total = 120_000
/** Lines of stderr among them. */
const rare = [3, 60_000, 119_000]

async function startJob(uid: string): Promise<Reporter> {
  const job = await Reporter.start(world, uid)
  for (let first = 0; first < total; first += 20_000) {
    const logs = Array.from({ length: 20 }, (_, at) => first + at * 1_000).flatMap((from) => {
      const one = rare.find((n) => n >= from && n < from + 1_000)
      const cuts = one === undefined ? [from, from + 1_000] : [from, one, one + 1, from + 1_000]
      return cuts.slice(1).map((to, at) => print(at === 1 ? 'stderr' : 'stdout', cuts[at]!, to))
    })
    await job.report({ logs })
  }
  return job
}

function print(stream: 'stdout' | 'stderr', from: number, to: number) {
  const lines = Array.from({ length: to - from }, (_, at) => `line ${from + at}`)
  return { stream, times: lines.map(() => Date.now()), lines }
}

function openFeed(uid: string): LogFeed {
  const live = {
    subscribe: (...[topic, handlers]: Parameters<ConstructorParameters<typeof LogFeed>[0]['live']['subscribe']>) =>
      openEventStream(client, { topic, ...handlers, onError: (error) => expect.unreachable(error.message) }),
  }
  feed = new LogFeed({ client, live, uid, attempt: 1 })
  return feed
}

/** Resolves when the view is as wanted. */
function until(one: LogFeed, isWanted: (view: LogView) => boolean): Promise<void> {
  return new Promise((resolve) => {
    let undo = (): void => undefined
    const look = (): void => {
      if (!isWanted(one.view())) return
      undo()
      resolve()
    }
    undo = one.subscribe(look)
    look()
  })
}

function readEnds({ lines }: LogView): [number, number] {
  const [first, last] = [lines[0]?.n ?? -1, lines.at(-1)?.n ?? -1]
  // No gap, no line twice, each with its own text.
  expect(lines.length).toBe(last - first + 1)
  expect(lines.every(({ n, text }, at) => n === first + at && text === `line ${n}`)).toBe(true)
  return [first, last]
}

test('the window has no gaps wherever it is moved, and stays bounded', async () => {
  const job = await startJob('moved')
  const one = openFeed('moved')
  await until(one, ({ status }) => status === 'ready')
  expect(readEnds(one.view())).toEqual([total - 1_000, total - 1])
  while (one.view().atEnd) await one.loadOlder().then(() => until(one, ({ lines }) => lines.length <= 55_000))
  const [first, last] = readEnds(one.view())
  expect([last - first + 1, one.view().hasOlder]).toEqual([windowLinesMax, true])
  await job.report({ logs: [print('stdout', total, total + 1)] })
  await until(one, (view) => view.total === total + 1)
  expect(readEnds(one.view())).toEqual([first, last])
  while (!one.view().atEnd) await one.loadNewer()
  await until(one, ({ lines }) => lines.length <= 55_000)
  expect(readEnds(one.view())[1]).toBe(total)

  await one.show(50_000)
  expect([readEnds(one.view()), one.view().atEnd]).toEqual([[49_500, 50_499], false])
  await one.loadNewer()
  await one.loadOlder()
  expect(readEnds(one.view())).toEqual([48_500, 51_499])
  await one.show(0)
  expect([readEnds(one.view()), one.view().hasOlder]).toEqual([[0, 999], false])
  await one.jumpToEnd()
  expect(readEnds(one.view())).toEqual([total - 999, total])
  one.clear()
  await job.report({ logs: [print('stdout', total + 1, total + 2)] })
  await until(one, ({ lines }) => lines.length > 0)
  expect([readEnds(one.view()), one.view().hasOlder]).toEqual([[total + 1, total + 1], false])
  await one.reload()
  expect(readEnds(one.view())).toEqual([total - 998, total + 1])
})

test('rare lines of one stream are found everywhere and as they come', async () => {
  const job = await startJob('rare')
  const one = openFeed('rare')
  await one.setFilter({ levels: [], stream: 'stderr' })
  const numbers = () => one.view().lines.map(({ n }) => n)
  expect([numbers(), one.view().hasOlder, one.view().atEnd]).toEqual([rare, false, true])
  await job.report({ logs: [print('stdout', total, total + 5)] })
  await job.report({ logs: [print('stderr', total + 5, total + 6)] })
  await until(one, ({ lines }) => lines.length === 4)
  expect(numbers()).toEqual([...rare, total + 5])
  await one.setFilter({ levels: ['error'], stream: 'stderr' })
  expect([numbers(), one.view().total]).toEqual([[], total + 6])
  await one.setFilter(noFilter)
  expect(readEnds(one.view())[1]).toBe(total + 5)
  await one.setFilter({ levels: [], stream: 'stdout' })
  await one.show(60_000)
  const around = numbers()
  expect([around.includes(59_999), around.includes(60_000), around.includes(60_001)]).toEqual([true, false, true])
})

test('what somebody reads in a full window is not taken away for what comes', async () => {
  const job = await startJob('read')
  const one = openFeed('read')
  await until(one, ({ status }) => status === 'ready')
  while (one.view().lines.length < windowLinesMax) await one.loadOlder()
  one.follow(false)
  const before = readEnds(one.view())
  await job.report({ logs: [print('stdout', total, total + 500)] })
  await until(one, (view) => view.total === total + 500)
  expect([readEnds(one.view()), one.view().atEnd]).toEqual([before, false])
  one.follow(true)
  await one.jumpToEnd()
  expect(readEnds(one.view())[1]).toBe(total + 499)
})

test('while nobody looks the window stays bounded, too', async () => {
  const job = await startJob('unseen')
  const one = openFeed('unseen')
  await until(one, ({ status }) => status === 'ready')
  let told = 0
  const undo = openEventStream(client, {
    topic: 'logs:unseen',
    onEvent: ({ lines }: { lines: { n: number }[] }) => (told = (lines.at(-1)?.n ?? told) + 1),
    onReset: () => undefined,
    onError: (error) => expect.unreachable(error.message),
  })
  const end = total + 60_000
  for (let from = total; from < end; from += 2_000) {
    await job.report({ logs: [print('stdout', from, from + 2_000)] })
    await expect.poll(() => told, { interval: 5 }).toBe(from + 2_000)
  }
  await until(one, () => true)
  expect(one.view().lines.length).toBeLessThanOrEqual(55_000)
  await until(one, (view) => view.lines.at(-1)?.n === end - 1)
  readEnds(one.view())
  undo()
})
