import type { ParameterDeclaration, ParameterValue } from './parameter.ts'

/** What is wrong with a value, in the words of a form: what was expected instead. */
export type ParameterFault = { expected: string }

/**
 * Why `value` may not be given to a parameter; undefined when it may. The same rules hold in the page, on the server and in
 * the job itself (`python/src/pilothouse/_parameter.py`).
 */
export function checkParameter(declared: ParameterDeclaration, value: ParameterValue): ParameterFault | undefined {
  switch (declared.type) {
    case 'switch':
      return typeof value === 'boolean' ? undefined : { expected: 'true or false' }
    case 'choice':
      return declared.choices.some((one) => one === value)
        ? undefined
        : { expected: `one of ${declared.choices.map((one) => JSON.stringify(one)).join(', ')}` }
    case 'number':
    case 'integer':
      return checkNumber(declared, value)
    default:
      return declared.type satisfies never
  }
}

function checkNumber(declared: ParameterDeclaration, value: ParameterValue): ParameterFault | undefined {
  const { type, min, max } = declared
  const name = type === 'integer' ? 'a whole number' : 'a number'
  if (typeof value !== 'number' || !Number.isFinite(value)) return { expected: name }
  if (type === 'integer' && !Number.isSafeInteger(value)) return { expected: name }
  if (min !== null && value < min)
    return { expected: max === null ? `${name}, at least ${min}` : `${name} from ${min} to ${max}` }
  if (max !== null && value > max)
    return { expected: min === null ? `${name}, at most ${max}` : `${name} from ${min} to ${max}` }
  return undefined
}
