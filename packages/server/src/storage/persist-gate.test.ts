import { expect, it } from 'vitest'
import type { Answer } from './messages.ts'
import { PersistGate } from './persist-gate.ts'

const answer = (id: number): Answer => ({ id, value: null })

function openGate() {
  const state = {
    changes: 0,
    syncs: [] as PromiseWithResolvers<void>[],
    posted: [] as number[],
    failed: [] as unknown[],
  }
  const gate = new PersistGate({
    changes: () => state.changes,
    persist: () => {
      const sync = Promise.withResolvers<void>()
      state.syncs.push(sync)
      return sync.promise
    },
    post: (answers) => state.posted.push(...answers.map(({ id }) => id)),
    fail: (error) => state.failed.push(error),
  })
  return { gate, state }
}

/** Lets promises that are settled run on. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

it('answers at once while nothing was committed', () => {
  const { gate, state } = openGate()
  gate.pass([answer(1)])
  expect(state).toMatchObject({ posted: [1], syncs: [] })
})

it('acknowledges nothing before the disk has it, and what was committed meanwhile with the next sync', async () => {
  const { gate, state } = openGate()
  state.changes = 1
  gate.pass([answer(1)])
  state.changes = 2
  gate.pass([answer(2)])
  gate.pass([answer(3)])
  await turn()
  expect(state).toMatchObject({ posted: [], syncs: { length: 1 } })
  state.syncs[0]?.resolve()
  await turn()
  expect(state).toMatchObject({ posted: [1], syncs: { length: 2 } })
  state.syncs[1]?.resolve()
  await gate.settle()
  expect(state.posted).toEqual([1, 2, 3])
  gate.pass([answer(4)])
  expect(state).toMatchObject({ posted: [1, 2, 3, 4], syncs: { length: 2 } })
})

it('acknowledges nothing any more once the disk has refused', async () => {
  const { gate, state } = openGate()
  state.changes = 1
  gate.pass([answer(1)])
  state.syncs[0]?.reject(new Error('EIO'))
  await gate.settle()
  gate.pass([answer(2)])
  await turn()
  expect(state).toMatchObject({ posted: [], syncs: { length: 1 }, failed: [new Error('EIO')] })
})
