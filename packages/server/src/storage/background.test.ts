import { describe, expect, it } from 'vitest'
import { Background, type BackgroundTask } from './background.ts'

function openBackground(tasks: readonly BackgroundTask[]) {
  const clock = { now: 0 }
  const failures: string[] = []
  const background = new Background({ tasks, clock: () => clock.now, fail: (task) => failures.push(task) })
  return { background, clock, failures }
}

describe('background work', () => {
  it('waits for a request, and then for its delay', async () => {
    let runs = 0
    const { background, clock } = openBackground([{ name: 'a', delayMs: 100, run: async () => (runs += 1) > 99 }])
    expect(background.nextInMs()).toBeUndefined()
    background.request('a')
    background.request('a')
    await background.runSlice()
    expect([runs, background.nextInMs()]).toEqual([0, 100])
    clock.now = 100
    expect(await background.runSlice()).toBe(false)
    expect([runs, background.nextInMs()]).toEqual([1, undefined])
  })

  it('goes on at once while there is more, and lets others in between', async () => {
    const order: string[] = []
    const task = (name: string, slices: number): BackgroundTask => ({
      name,
      delayMs: 0,
      run: async () => {
        order.push(name)
        return order.filter((one) => one === name).length < slices
      },
    })
    const { background } = openBackground([task('a', 3), task('b', 2)])
    background.request('a')
    background.request('b')
    while (await background.runSlice());
    expect(order).toEqual(['a', 'b', 'a', 'b', 'a'])
  })

  it('rests while operations wait, where it may', async () => {
    const { background, clock } = openBackground([
      { name: 'a', delayMs: 0, restFactor: 9, run: async () => (clock.now += 10) > 0 },
    ])
    background.request('a')
    expect(await background.runSlice({ isBusy: true })).toBe(false)
    expect(background.nextInMs()).toBe(90)
    clock.now += 90
    expect(await background.runSlice({ isBusy: false })).toBe(true)
  })

  it('comes again by itself', async () => {
    let runs = 0
    const { background, clock } = openBackground([
      { name: 'a', delayMs: 0, everyMs: 50, run: async () => (runs += 1) > 99 },
    ])
    for (clock.now = 0; clock.now <= 200; clock.now += 10) await background.runSlice()
    expect(runs).toBe(4)
  })

  it('rests after a failure and tries again', async () => {
    let runs = 0
    const run = async () => {
      runs += 1
      if (runs === 1) throw new Error('no')
      return false
    }
    const { background, clock, failures } = openBackground([{ name: 'a', delayMs: 0, run }])
    background.request('a')
    expect(await background.runSlice()).toBe(false)
    expect([failures, background.nextInMs()]).toEqual([['a'], 5_000])
    clock.now = 5_000
    await background.runSlice()
    expect([runs, background.nextInMs()]).toEqual([2, undefined])
  })
})
