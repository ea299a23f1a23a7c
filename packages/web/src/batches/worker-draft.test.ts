import { PilothouseError } from '@pilothouse/contract/wire'
import { expect, it } from 'vitest'
import { emptyWorkers, readWorkerFaults, readWorkers } from './worker-draft.ts'

it('what is left empty is left to the control room', () => {
  expect(readWorkers(emptyWorkers)).toEqual({ body: { target: 'local', count: 1 }, faults: {} })
  const written = { target: 'dgx', count: ' 8 ', command: 'npx pilothouse worker', url: ' ssh ' }
  expect(readWorkers(written).body).toEqual({
    target: 'dgx',
    count: 8,
    command: ['npx', 'pilothouse', 'worker'],
    url: 'ssh',
  })
})

it('what cannot be is told at its field', () => {
  const { body, faults } = readWorkers({ ...emptyWorkers, count: '1.5', command: '"open' })
  expect(body).toBeUndefined()
  expect(faults).toEqual({ count: 'A number from 1 to 100', command: expect.any(String) })
  expect(readWorkers({ ...emptyWorkers, count: '101' }).body).toBeUndefined()
  expect(readWorkerFaults(new PilothouseError('invalid', 'No way.', { field: 'url', hint: 'Name one.' }))).toEqual({
    url: 'No way. Name one.',
  })
  expect(readWorkerFaults(new Error('Away.'))).toEqual({ rest: 'Away.' })
})
