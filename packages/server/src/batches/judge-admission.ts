import { type Engine, PilothouseError } from '@pilothouse/contract'

/** How many models a message names. */
const namedMax = 5

/**
 * Why no request for a model can be answered now, or null. Pure. A queue that nothing empties would only hide that: whoever
 * asks is told at once. Clients are kept from asking again and again: an engine does not come back within seconds.
 */
export function judgeAdmission(
  engines: readonly Pick<Engine, 'name' | 'models' | 'health'>[],
  model: string,
): PilothouseError | null {
  const able = engines.filter(({ models }) => models.includes(model))
  if (able.some(({ health }) => health.state === 'healthy')) return null
  return new PilothouseError('unavailable', explain(engines, able, model), {
    field: 'model',
    expected: '300 s of patience',
    hint: 'See «Engines» for what answers, or name another model.',
  })
}

function explain(
  engines: readonly Pick<Engine, 'name' | 'models' | 'health'>[],
  able: readonly Pick<Engine, 'name' | 'health'>[],
  model: string,
): string {
  if (engines.length === 0) return 'No engine is known that could answer.'
  if (able.length > 0) {
    const states = able.map(({ name, health }) => `«${name}» is ${describe(health)}`)
    return `No engine answers for «${model}» now: ${states.slice(0, namedMax).join(', ')}.`
  }
  const healthy = engines.filter(({ health }) => health.state === 'healthy')
  const others = [...new Set(healthy.flatMap(({ models }) => models))].toSorted()
  const named = others.slice(0, namedMax).map((one) => `«${one}»`)
  const rest = others.length > namedMax ? ` and ${others.length - namedMax} more` : ''
  const there = named.length === 0 ? 'none answers now' : `there are ${named.join(', ')}${rest}`
  return `No engine has the model «${model}»: ${there}.`
}

function describe({ state, trouble }: Engine['health']): string {
  if (state !== 'failing' || trouble === null) return state === 'unknown' ? 'not looked at yet' : state
  return `failing (${trouble.replace(/\.$/, '')})`
}
