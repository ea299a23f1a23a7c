import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ClusterWatch, watchTimes } from './cluster-watch.ts'

const { pollMs, watchedMs, retryFirstMs, retryMaxMs } = watchTimes

describe('a cluster that is watched', () => {
  let watch: ClusterWatch<number, { close(): Promise<void> }>
  let log: string[]
  /** What the next readings do; afterwards they go well. */
  let failures: Error[]
  let reads: number
  beforeEach(() => {
    vi.useFakeTimers()
    log = []
    failures = []
    reads = 0
    watch = new ClusterWatch({
      open: async () => {
        log.push('open')
        return { close: async () => void log.push('close') }
      },
      read: async (_way, signal) => {
        log.push('read')
        const failure = failures.shift()
        if (failure?.message === 'hangs') {
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new Error('given up')))
          })
        }
        if (failure) throw failure
        return ++reads
      },
      explain: (error) => ({ kind: 'other', message: String(error), hint: '' }),
      isBroken: (error) => error instanceof Error && error.message === 'broken',
      now: Date.now,
      random: () => 0.5, // no jitter
    })
  })
  afterEach(async () => {
    await watch.close()
    vi.useRealTimers()
  })

  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
  const look = () => watch.lookInto({ fresh: false })

  it('is read once for all who look, over one connection', async () => {
    const seen = await Promise.all([look(), look(), watch.lookInto({ fresh: true })])
    expect(seen.map(({ facts }) => facts)).toEqual([1, 1, 1])
    expect(seen[0]?.known).toMatchObject({ state: 'known', readAt: Date.now(), trouble: null, unknownSince: null })
    expect(log).toEqual(['open', 'read'])
  })

  it('is read at intervals as long as somebody looks, and then no more', async () => {
    await look()
    for (let at = 0; at < 20; at += 1) {
      await pass(10_000)
      watch.look()
    }
    expect(log.filter((what) => what === 'read')).toHaveLength(1 + Math.floor(200_000 / pollMs))
    await pass(watchedMs + pollMs)
    const { length } = log
    expect(log.at(-1)).toBe('close')
    await pass(3_600_000)
    expect(log).toHaveLength(length)
    const { facts, known } = watch.look()
    expect([facts, known.nextTryAt]).toEqual([length - 2, null])
    await pass(0)
    expect(log.slice(length)).toEqual(['open', 'read'])
  })

  it('keeps what was known when it cannot be read, and says since when and why', async () => {
    await look()
    failures = [new Error('no route')]
    await pass(pollMs)
    const since = Date.now()
    await pass(10_000)
    const { known, facts } = await look()
    expect(facts).toBe(1)
    expect(known).toEqual({
      state: 'unknown',
      readAt: since - pollMs,
      unknownSince: since,
      trouble: { kind: 'other', message: 'Error: no route', hint: '' },
      nextTryAt: since + retryFirstMs,
    })
    await pass(retryFirstMs)
    expect((await look()).known).toMatchObject({ state: 'known', readAt: since + retryFirstMs, unknownSince: null })
  })

  it('is tried again later and later, never much later, whoever looks', async () => {
    failures = Array.from({ length: 40 }, () => new Error('no route'))
    const triedAt: number[] = []
    const began = Date.now()
    for (let at = 0; at < 360; at += 1) {
      watch.look()
      await pass(at === 0 ? 0 : 5_000)
      if (log.filter((what) => what === 'read').length > triedAt.length) triedAt.push(Date.now() - began)
    }
    const pauses = triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0))
    expect(pauses).toEqual(
      [15, 30, 60, 120, 240, 300, 300, 300, 300].map((seconds) => seconds * 1000).slice(0, pauses.length),
    )
    expect(pauses.length).toBeGreaterThan(6)
    expect(Math.max(...pauses)).toBe(retryMaxMs)
    expect((await look()).known.unknownSince).toBe(began)
  })

  it('is tried at once for somebody who wants it fresh', async () => {
    failures = [new Error('no route')]
    expect((await look()).known.state).toBe('unknown')
    await pass(6_000)
    expect((await watch.lookInto({ fresh: true })).known.state).toBe('known')
    expect(log).toEqual(['open', 'read', 'close', 'open', 'read'])
  })

  it('is read over a new connection when the kept one turns out to be gone', async () => {
    await look()
    failures = [new Error('broken')]
    await pass(pollMs)
    expect((await look()).facts).toBe(2)
    expect(log).toEqual(['open', 'read', 'read', 'close', 'open', 'read'])
  })

  it('gives up the reading under way when it is closed', async () => {
    failures = [new Error('hangs')]
    watch.look()
    await pass(0)
    await watch.close()
    expect(log).toEqual(['open', 'read', 'close'])
    expect(watch.look().known).toMatchObject({ state: 'unread', nextTryAt: null })
  })
})
