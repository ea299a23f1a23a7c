import type { Engine, EngineHealth } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { judgeAdmission } from './judge-admission.ts'

function engineOf(name: string, models: string[], state: EngineHealth['state'], trouble: string | null = null) {
  return { name, models, health: { state, since: null, checkedAt: null, trouble } } satisfies Partial<Engine>
}

function judge(engines: ReturnType<typeof engineOf>[], model: string): string | undefined {
  return judgeAdmission(engines, model)?.message
}

it('one healthy engine that has the model is enough', () => {
  expect(judge([engineOf('a', ['x'], 'failing'), engineOf('b', ['x', 'y'], 'healthy')], 'x')).toBeUndefined()
})

it('why none answers is said: none is known, none has the model, those that have it are paused or failing', () => {
  expect(judge([], 'x')).toBe('No engine is known that could answer.')
  expect(judge([engineOf('a', ['y'], 'healthy')], 'x')).toBe('No engine has the model «x»: there are «y».')
  expect(judge([engineOf('a', ['y'], 'failing')], 'x')).toBe('No engine has the model «x»: none answers now.')
  const both = [engineOf('a', ['x'], 'paused'), engineOf('b', ['x'], 'failing', 'Nothing listens there.')]
  expect(judge(both, 'x')).toBe('No engine answers for «x» now: «a» is paused, «b» is failing (Nothing listens there).')
  expect(judge([engineOf('a', ['x'], 'unknown')], 'x')).toContain('«a» is not looked at yet')
})

it('of many models the first ones are named', () => {
  const models = Array.from({ length: 8 }, (_, at) => `m${at}`)
  expect(judge([engineOf('a', models, 'healthy')], 'x')).toContain('«m4» and 3 more')
})
