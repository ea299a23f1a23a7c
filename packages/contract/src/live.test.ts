import { expect, it } from 'vitest'
import { formatTopic, parseTopic } from './live.ts'

it('reads what it writes, and nothing else', () => {
  for (const name of ['jobs', 'job:abc', 'metrics:a_b-c', 'resources:x', 'logs:x', 'samples:x', 'notes:x', 'alerts']) {
    const topic = parseTopic(name)
    expect(topic && formatTopic(topic)).toBe(name)
  }
  for (const name of ['', 'job', 'job:', 'jobs:x', 'other:x', 'job:a:b']) expect(parseTopic(name)).toBeUndefined()
})
