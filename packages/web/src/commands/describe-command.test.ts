import { expect, it } from 'vitest'
import { describeOrder, describeProgress, formatParameter } from './describe-command.ts'

it('a command is told in words, whatever its kind', () => {
  const place = { checkpoint: 3, name: 'best', uri: '/c/best', step: 12_000 }
  expect([
    describeOrder({ kind: 'set', body: { key: 'lr', value: 3e-4 } }),
    describeOrder({ kind: 'checkpoint', body: { name: null, description: null, tags: [] } }),
    describeOrder({ kind: 'checkpoint', body: { name: 'before', description: null, tags: [] } }),
    describeOrder({
      kind: 'rollback',
      body: { ...place, sha256: null, checkpointFirst: true, keepParameters: false },
    }),
    describeOrder({ kind: 'deleteCheckpoint', body: place }),
    describeOrder({ kind: 'stop', body: { checkpointFirst: true } }),
  ]).toEqual([
    'Set lr to 3e-4',
    'Checkpoint',
    'Checkpoint «before»',
    'Back to «best» (step 12\u202f000)',
    'Delete the files of «best»',
    'Stop, with a checkpoint before',
  ])
})

it('says at which step a command was carried out, where the job told', () => {
  expect(describeProgress({ state: 'applied', step: 41 })).toBe('applied at step 41')
  expect(describeProgress({ state: 'applied', step: null })).toBe('applied')
  expect(describeProgress({ state: 'expired', step: null })).toBe('expired')
})

it('a value keeps all its digits, and a switch is on or off', () => {
  expect([0.1234567, 3e-4, 0.1 * 3, true, false, 'cosine'].map(formatParameter)).toEqual([
    '0.1234567',
    '3e-4',
    '0.3',
    'on',
    'off',
    'cosine',
  ])
})
