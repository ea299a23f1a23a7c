import type { TopSource, TopUpdate } from '@pilothouse/terminal/top'
import { expect, it } from 'vitest'
import { type Post, withWebhook } from './post-webhook.ts'

const failed: TopUpdate = { type: 'event', at: 5, level: 'error', text: '#1: failed' }

it('what the screen is told of is posted, in order, and reaches the screen all the same', async () => {
  const bodies: string[] = []
  const { tell, told } = open('https://example.org/hook', (_, body) => {
    bodies.push(body)
    return Promise.resolve()
  })
  tell(failed)
  tell({ ...failed, text: '#2: failed' })
  tell({ type: 'lines', lines: [] })
  await expect.poll(() => bodies.length).toBe(2)
  expect(JSON.parse(bodies[0] ?? '')).toEqual({ text: '#1: failed', level: 'error', at: 5, source: 'vast.ai' })
  expect(told.map(({ type }) => type)).toEqual(['event', 'event', 'lines'])
})

it('Slack is told the text alone', async () => {
  const bodies: string[] = []
  const { tell } = open('https://hooks.slack.com/services/x', (_, body) => {
    bodies.push(body)
    return Promise.resolve()
  })
  tell(failed)
  await expect.poll(() => bodies).toEqual(['{"text":"#1: failed"}'])
})

it('one that does not answer is complained of once, and never without end', async () => {
  let asked = 0
  const { tell, told } = open('https://example.org/hook', () => {
    asked += 1
    return Promise.reject(new Error('it answered 500.'))
  })
  for (let at = 0; at < 500; at += 1) tell(failed)
  await expect.poll(() => told.length).toBe(501)
  expect(told.at(-1)).toMatchObject({ level: 'warning', text: 'example.org did not take a message: it answered 500.' })
  expect(asked).toBeLessThanOrEqual(51)
})

function open(address: string, post: Post): { tell: (update: TopUpdate) => void; told: TopUpdate[] } {
  let tell: (update: TopUpdate) => void = () => undefined
  const told: TopUpdate[] = []
  const source: TopSource = {
    label: 'vast.ai',
    floorMs: null,
    start: (start) => {
      tell = start
    },
    refresh: () => undefined,
    watch: () => undefined,
    act: () => Promise.reject(new Error('not asked for')),
    close: () => Promise.resolve(),
  }
  withWebhook(source, address, { post, now: () => 1 }).start((update) => told.push(update))
  return { tell: (update) => tell(update), told }
}
