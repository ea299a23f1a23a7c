import { expect, it } from 'vitest'
import type { Parameter, ParameterChange } from '@pilothouse/contract'
import { findConflict, isChange, readDraft } from './draft.ts'

const lr: Parameter = {
  key: 'lr',
  type: 'number',
  min: 1e-6,
  max: 0.1,
  step: null,
  log: true,
  choices: [],
  unit: null,
  description: null,
  value: 0.01,
  revision: 4,
  changedAt: 0,
  pending: null,
}
const change: ParameterChange = {
  id: 1,
  key: 'lr',
  attempt: 1,
  branch: 0,
  at: 0,
  step: 3,
  epoch: null,
  old: 0.1,
  value: 0.01,
  cause: 'command',
  command: 1,
  by: { id: 7, name: 'ada' },
  approvedBy: null,
  note: null,
}

it('a number is read as people write it, and refused in words', () => {
  expect(readDraft(lr, { input: ' 3e-4 ' })).toEqual({ value: 3e-4 })
  expect(readDraft(lr, { input: '0,02' })).toEqual({ value: 0.02 })
  expect(readDraft(lr, { input: '1' })).toEqual({ fault: 'A number from 0.000001 to 0.1 is expected.' })
  expect(readDraft(lr, { input: '' })).toEqual({ fault: 'A number is expected.' })
  expect(readDraft(lr, { input: 'much' }).fault).toBeDefined()
})

it('what is so already is no change, nor what is under way', () => {
  expect(isChange(lr, { input: '0.010' })).toBe(false)
  expect(isChange(lr, { input: '0.02' })).toBe(true)
  expect(isChange(lr, { input: 'x' })).toBe(true)
  const pending = { command: 1, value: 0.02, by: null, createdAt: 0 }
  expect(isChange({ ...lr, pending }, { input: '0.02' })).toBe(false)
})

it('somebody else’s change is a conflict, the script’s own is none', () => {
  expect(findConflict(lr, { revision: 4 }, [change])).toBeUndefined()
  expect(findConflict(lr, { revision: 3 }, [change])).toBe('ada has changed it: it is 0.01 now.')
  expect(findConflict(lr, { revision: 3 }, [{ ...change, cause: 'script', by: null }])).toBeUndefined()
  const pending = { command: 1, value: 0.02, by: { id: 7, name: 'ada' }, createdAt: 0 }
  expect(findConflict({ ...lr, pending }, { revision: 3 }, [])).toBe('ada is changing it to 0.02.')
  expect(findConflict(lr, { revision: 3, awaited: 1 }, [change])).toBeUndefined()
})
