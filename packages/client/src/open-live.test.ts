import { expect, test, vi } from 'vitest'
import { createClient } from './create-client.ts'
import { openLive } from './open-live.ts'

/** The near end of a line: what the server says is handed in. */
class Line extends EventTarget {
  readonly readyState = 1
  send(): void {}
  close(): void {}
  say(message: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }))
  }
}

function open(gatherMs: number) {
  const line = new Line()
  const client = createClient({ baseUrl: 'http://127.0.0.1:1' })
  const live = openLive(client, { gatherMs, openSocket: () => line as unknown as WebSocket }) // what the line uses of it
  const heard: string[] = []
  for (const topic of ['job:a', 'logs:a'])
    live.subscribe(topic, {
      onEvent: (data) => heard.push(`${topic} ${String(data)}`),
      onReset: () => heard.push(topic),
    })
  line.say({ type: 'hello', time: 0 })
  for (const topic of ['job:a', 'logs:a']) line.say({ type: 'subscribed', topic, cursor: '0' })
  const tell = (topic: string, data: number) => line.say({ type: 'event', topic, cursor: String(data), data })
  return { line, live, heard, tell, begin: ['job:a', 'logs:a'] }
}

test('events of a round are handed over together, in their order', async () => {
  const { live, heard, tell, begin } = open(20)
  tell('job:a', 1)
  tell('logs:a', 2)
  expect(heard).toEqual(begin)
  await expect.poll(() => heard.length).toBeGreaterThan(begin.length)
  expect(heard).toEqual([...begin, 'job:a 1', 'logs:a 2'])
  live.close()
})

test('what is no event, and the end of the line, wait for nothing and overtake nothing', () => {
  const { line, live, heard, tell, begin } = open(1_000)
  tell('job:a', 1)
  line.say({ type: 'reset', topic: 'job:a', cursor: '5' })
  expect(heard).toEqual([...begin, 'job:a 1', 'job:a'])
  tell('logs:a', 2)
  line.dispatchEvent(new Event('close'))
  expect(heard.at(-1)).toBe('logs:a 2')
  live.close()
})

test('a closed line says no more; without a wait each event is handed over at once', () => {
  vi.useFakeTimers()
  const gathering = open(5)
  gathering.tell('job:a', 1)
  gathering.live.close()
  vi.advanceTimersByTime(1_000)
  vi.useRealTimers()
  expect(gathering.heard).toEqual(gathering.begin)
  const { live, heard, tell } = open(0)
  tell('job:a', 1)
  expect(heard.at(-1)).toBe('job:a 1')
  live.close()
})
