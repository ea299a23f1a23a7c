import { describe, expect, it } from 'vitest'
import { Hub, lingerMs } from './hub.ts'
import { type HubEvent, ringBytesMax, ringEventsMax } from './ring.ts'

/** A hub whose clock is turned by hand. */
function setUp() {
  const watched: string[][] = []
  const timers: { work: () => void; ms: number; cancelled: boolean }[] = []
  const hub = new Hub({
    epoch: 'e',
    watch: (topics) => watched.push([...topics]),
    delay: (work, ms) => {
      const timer = { work, ms, cancelled: false }
      timers.push(timer)
      return () => (timer.cancelled = true)
    },
  })
  const got: HubEvent[] = []
  return { hub, watched, timers, got, take: (event: HubEvent) => void got.push(event) }
}

const update = (topic: string, data: unknown = {}) => [{ topic, data }]
const seqs = (events: readonly HubEvent[] | undefined) => events?.map(({ seq }) => seq)

describe('the hub', () => {
  it('hands each event to all who watch its topic, in order', () => {
    const { hub, got, take } = setUp()
    hub.subscribe('jobs', take)
    hub.subscribe('jobs', take)
    hub.publish([...update('jobs', 1), ...update('job:a', 2), ...update('jobs', 3)])
    expect(got.map(({ data }) => data)).toEqual([1, 1, 3, 3])
    expect(hub.subscriberCount).toBe(2)
  })

  it('tells the storage what is watched, and of a topic that nobody wants a minute later', () => {
    const { hub, watched, timers, take } = setUp()
    const first = hub.subscribe('jobs', take)
    const second = hub.subscribe('job:a', take)
    second.unsubscribe()
    second.unsubscribe()
    expect(watched).toEqual([['jobs'], ['jobs', 'job:a']])
    expect(timers).toMatchObject([{ ms: lingerMs, cancelled: false }])
    timers[0]?.work()
    expect(watched.at(-1)).toEqual(['jobs'])
    first.unsubscribe()
  })

  it('goes on after a cursor without gap and without double', () => {
    const { hub, got, take } = setUp()
    const first = hub.subscribe('jobs', take)
    hub.publish([...update('jobs'), ...update('jobs')])
    first.unsubscribe()
    hub.publish([...update('jobs'), ...update('jobs')])
    const again = hub.subscribe('jobs', take, 'e.2')
    hub.publish(update('jobs'))
    expect(again.cursor).toBe('e.2')
    expect([...seqs(got.slice(0, 2))!, ...seqs(again.missed)!, ...seqs(got.slice(2))!]).toEqual([1, 2, 3, 4, 5])
  })

  it('keeps a topic whose subscriber came back in time', () => {
    const { hub, timers, take } = setUp()
    hub.subscribe('jobs', take).unsubscribe()
    hub.subscribe('jobs', take)
    expect(timers).toMatchObject([{ cancelled: true }])
  })

  it.each([
    ['of another run of the server', 'f.1'],
    ['that is none', 'nonsense'],
    ['from the future', 'e.999'],
    ['from before the topic was kept', 'e.0'],
  ])('resets after a cursor %s', (_what, after) => {
    const { hub, take } = setUp()
    hub.subscribe('other', take)
    hub.publish(update('other'))
    expect(hub.subscribe('jobs', take, after)).toMatchObject({ missed: undefined, cursor: 'e.1' })
  })

  it('does not reset a topic in which nothing happened', () => {
    const { hub, take } = setUp()
    hub.subscribe('quiet', take)
    hub.subscribe('loud', take)
    hub.publish([...update('loud'), ...update('loud')])
    expect(hub.subscribe('quiet', take, 'e.0').missed).toEqual([])
  })

  it('resets a subscriber that was away for too many events', () => {
    const { hub, take } = setUp()
    hub.subscribe('jobs', take)
    for (let at = 0; at < ringEventsMax + 10; at += 1) hub.publish(update('jobs'))
    expect(hub.subscribe('jobs', take, 'e.9').missed).toBeUndefined()
    expect(hub.subscribe('jobs', take, 'e.10').missed).toHaveLength(ringEventsMax)
  })

  it('resets a subscriber that was away for too many bytes', () => {
    const { hub, take } = setUp()
    hub.subscribe('jobs', take)
    for (let at = 0; at < 5; at += 1) hub.publish(update('jobs', 'x'.repeat(ringBytesMax / 4)))
    expect(hub.subscribe('jobs', take, 'e.1').missed).toBeUndefined()
    expect(hub.subscribe('jobs', take, 'e.2').missed).toHaveLength(3)
  })
})
