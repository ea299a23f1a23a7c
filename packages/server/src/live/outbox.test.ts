import { describe, expect, it } from 'vitest'
import { Outbox, outboxLimits } from './outbox.ts'
import type { HubEvent } from './ring.ts'

function setUp() {
  const state = { buffered: 0, dropped: '' }
  const sent: { topic: string; seq: number; resumable: boolean; data: unknown }[] = []
  const outbox = new Outbox({
    bufferedBytes: () => state.buffered,
    sendEvent: ({ topic, seq, data }, resumable) => sent.push({ topic, seq, resumable, data }),
    drop: (reason) => (state.dropped = reason),
  })
  return { state, sent, outbox }
}

function event(topic: string, seq: number, data: unknown = {}): HubEvent {
  return { topic, seq, data, json: JSON.stringify(data) }
}

describe('the outbox', () => {
  it('writes at once while there is room', () => {
    const { sent, outbox } = setUp()
    outbox.push(event('job:a', 1))
    outbox.push(event('job:a', 2))
    expect(sent.map(({ seq }) => seq)).toEqual([1, 2])
  })

  it('merges per topic while there is none, and only the last one says that all was told', () => {
    const { state, sent, outbox } = setUp()
    state.buffered = outboxLimits.mergeBytes
    for (const one of [event('job:a', 1), event('job:b', 2), event('job:a', 3, 'newest'), event('job:c', 4)])
      outbox.push(one)
    expect(sent).toEqual([])
    state.buffered = 0
    outbox.flush()
    expect(sent).toEqual([
      { topic: 'job:b', seq: 2, resumable: false, data: {} },
      { topic: 'job:a', seq: 3, resumable: false, data: 'newest' },
      { topic: 'job:c', seq: 4, resumable: true, data: {} },
    ])
  })

  it('writes what waits before what comes', () => {
    const { state, sent, outbox } = setUp()
    state.buffered = outboxLimits.mergeBytes
    outbox.push(event('job:a', 1))
    state.buffered = 0
    outbox.push(event('job:a', 2))
    expect(sent.map(({ seq }) => seq)).toEqual([1, 2])
  })

  it('forgets a topic that is no longer wanted', () => {
    const { state, sent, outbox } = setUp()
    state.buffered = outboxLimits.mergeBytes
    outbox.push(event('job:a', 1))
    outbox.forget('job:a')
    state.buffered = 0
    outbox.flush()
    expect(sent).toEqual([])
  })

  it('gives the connection up when merging is not enough', () => {
    const { state, sent, outbox } = setUp()
    state.buffered = outboxLimits.mergeBytes
    for (let at = 0; at < 10; at += 1) outbox.push(event(`job:${at}`, at, 'x'.repeat(100_000)))
    expect(state.dropped).toContain('too slow')
    state.buffered = 0
    outbox.flush()
    outbox.push(event('job:a', 11))
    expect(sent).toEqual([])
  })
})
