import { type HealthProfile, healthProfiles } from './health-profile.ts'

type Fields = { -readonly [Name in keyof HealthProfile]?: HealthProfile[Name] }
type Check = { expects: string; accepts: (value: unknown) => boolean }

const isAmount = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0
const amount: Check = { expects: 'a number of 0 or more', accepts: isAmount }
const amountOrNull: Check = {
  expects: 'a number of 0 or more, or null',
  accepts: (value) => value === null || isAmount(value),
}

const checks: Readonly<Record<keyof HealthProfile, Check>> = {
  name: { expects: 'a text', accepts: (value) => typeof value === 'string' && value !== '' },
  idleTo: amount,
  idleAfterMs: amount,
  busyFrom: amountOrNull,
  lossFrom: amountOrNull,
  lossOverBestFrom: amountOrNull,
  nonFiniteLossIs: oneOf(['warning', 'error']),
  hotFrom: amountOrNull,
  staleAfterMs: amountOrNull,
  endIs: oneOf(['byExitCode', 'error']),
}

/**
 * A profile as somebody configured it: the name of one, or an object with the fields that differ from those of `base`
 * (`default` where it is not named).
 * @throws Error with a message for people: a profile or field that there is not, a value that does not fit
 */
export function readHealthProfile(configured: unknown): HealthProfile {
  if (typeof configured === 'string') return findProfile(configured)
  if (!isFields(configured)) throw new Error('A health profile is the name of one, or a table of its fields.')
  const { base = 'default', ...fields } = configured
  const known = findProfile(base)
  for (const [name, value] of Object.entries(fields)) checkField(name, value)
  return { ...known, name: `${known.name}, changed`, ...(fields as Fields) } // each field was checked above
}

function findProfile(name: unknown): HealthProfile {
  if (name === 'default' || name === 'seed') return healthProfiles[name]
  throw new Error(`There is no health profile ${JSON.stringify(name)}; there are ${listNames(healthProfiles)}.`)
}

function checkField(name: string, value: unknown): void {
  const check = isField(name) ? checks[name] : undefined
  if (!check) throw new Error(`A health profile has no field ${name}; it has base, ${listNames(checks)}.`)
  if (!check.accepts(value))
    throw new Error(`${name} of a health profile is ${check.expects}, not ${JSON.stringify(value)}.`)
}

function oneOf(words: readonly string[]): Check {
  return { expects: words.join(' or '), accepts: (value) => words.some((word) => word === value) }
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isField(name: string): name is keyof HealthProfile {
  return Object.hasOwn(checks, name)
}

function listNames(table: object): string {
  return Object.keys(table).join(', ')
}
