import { PilothouseError } from '@pilothouse/contract/wire'
import { expect, test } from 'vitest'
import { emptyServe, readServe, readServeFaults, showCommand } from './serve-draft.ts'

const draft = { ...emptyServe, name: ' small ', path: '/models/small' }

test('with a name and a path vLLM is started as it is by itself', () => {
  const { body, faults } = readServe(draft, undefined)
  expect(faults).toEqual({})
  expect(body).toMatchObject({ name: 'small', kind: 'vllm', model: { path: '/models/small' }, target: 'local' })
  expect(body).not.toHaveProperty('command')
  expect(showCommand('vllm')).toContain('{model}')
})

test('a checkpoint needs no path, and a command of one’s own is cut into words', () => {
  const own = { ...draft, path: '', kind: 'custom' as const, command: "python3 'my serve.py' {model} --port {port}" }
  const { body } = readServe({ ...own, idle: '30', modelName: 'm' }, { jobUid: 'one', checkpointId: 7 })
  expect(body).toMatchObject({
    model: { jobUid: 'one', checkpointId: 7 },
    idleMinutes: 30,
    modelName: 'm',
    command: ['python3', 'my serve.py', '{model}', '--port', '{port}'],
  })
})

test('what is missing or wrong is told beside its field', () => {
  const wrong = { ...emptyServe, kind: 'custom' as const, idle: 'long' }
  expect(Object.keys(readServe(wrong, undefined).faults).toSorted()).toEqual(['command', 'idle', 'name', 'path'])
  expect(readServe({ ...draft, command: "it's" }, undefined).faults).toHaveProperty('command')
})

test('what the server refuses is told where it belongs', () => {
  const refuse = (field: string) => new PilothouseError('invalid', 'No.', { field, hint: 'Yes.' })
  expect(readServeFaults(refuse('resources.partition'))).toEqual({ partition: 'No. Yes.' })
  expect(readServeFaults(refuse('name'))).toEqual({ name: 'No. Yes.' })
  expect(readServeFaults(refuse('project'))).toEqual({ rest: 'No. Yes.' })
  expect(readServeFaults(new Error('away'))).toEqual({ rest: 'away' })
})
