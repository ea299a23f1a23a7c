import { describe, expect, it } from 'vitest'
import { Background } from './background.ts'
import type { Answer, Call } from './messages.ts'
import { type AppendCall, OperationQueue, countGroup } from './operation-queue.ts'

const actor = { memberId: 1, all: true, jobUid: null }
const append = (id: number, bytes = 10): AppendCall => ({
  id,
  input: { uid: 'j', actor, format: 'frame', bytes: new Uint8Array(bytes) },
})
const appendCall = ({ id, input }: AppendCall): Call => ({ id, name: 'telemetry.append', input })
const read = (id: number): Call => ({ id, name: 'jobs.statistics', input: null })

function openQueue(slices: () => void = () => undefined) {
  const order: string[] = []
  const answers: Answer[] = []
  const kept: Answer[] = []
  const run = async () => {
    order.push('slice')
    slices()
    return false
  }
  const background = new Background({
    tasks: [{ name: 'work', delayMs: 0, run }],
    clock: () => 0,
    fail: () => undefined,
  })
  const queue = new OperationQueue({
    runCall: async ({ id }) => {
      order.push(`call ${id}`)
      return { id, value: null }
    },
    runGroup: async (group) => {
      order.push(`group ${group.map(({ id }) => id).join()}`)
      return group.map(({ id }) => ({ id, value: null }))
    },
    background,
    post: (some) => answers.push(...some),
    postKept: (some) => kept.push(...some),
    clock: () => 0,
  })
  return { queue, background, order, answers, kept }
}

describe('the queue', () => {
  it('takes operations first, then all reports that wait as one group, then a slice of background work', async () => {
    const { queue, background, order, answers, kept } = openQueue()
    background.request('work')
    for (const call of [appendCall(append(1)), read(2), appendCall(append(3)), read(4)]) queue.push(call)
    await queue.close()
    expect(order).toEqual(['call 2', 'call 4', 'group 1,3'])
    expect(answers.map(({ id }) => id)).toEqual([2, 4])
    expect(kept.map(({ id }) => id)).toEqual([1, 3])
  })

  it('does background work between groups, so that a flood of reports does not stop it', async () => {
    let queued = 0
    const done = Promise.withResolvers<void>()
    const { queue, background, order } = openQueue(done.resolve)
    background.request('work')
    for (; queued < 3; queued += 1) queue.push(appendCall(append(queued, 400 * 1024)))
    await done.promise
    await queue.close()
    expect(order).toEqual(['group 0', 'slice', 'group 1', 'group 2'])
  })

  it('takes operations that came during a group before the slice that follows it', async () => {
    const done = Promise.withResolvers<void>()
    const { queue, background, order } = openQueue(done.resolve)
    background.request('work')
    queue.push(appendCall(append(1)))
    setImmediate(() => queue.push(read(2))) // behind the turn that takes the group
    await done.promise
    await queue.close()
    expect(order).toEqual(['group 1', 'call 2', 'slice'])
  })

  it('bounds a group by bytes and by count, and takes one report however large it is', () => {
    expect(countGroup([append(1, 8_000_000), append(2)])).toBe(1)
    expect(countGroup([append(1), append(2, 8_000_000), append(3)])).toBe(1)
    expect(countGroup(Array.from({ length: 2_000 }, (_, at) => append(at, 1)))).toBe(64)
  })
})
