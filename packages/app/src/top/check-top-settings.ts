/** Reads what stands in the configuration of `pilothouse top`, field by field. */
import { PilothouseError } from '@pilothouse/contract/wire'
import { compilePattern, readHealthProfile, type UserPattern } from '@pilothouse/signals'
import { askedProviders, themes, topLimits, type TopGroup, type TopSettings } from './top-settings.ts'

/** What is wrong at `path` of a file. */
export type SettingFault = { path: readonly (string | number)[]; message: string }

/** Thrown by readers of fields; `at`: where below the field. */
class FieldError extends Error {
  readonly at: readonly (string | number)[]
  constructor(message: string, at: readonly (string | number)[] = []) {
    super(message)
    this.at = at
  }
}

type Reader = (value: unknown) => Partial<TopSettings>

const readers: Readonly<Record<string, Reader>> = {
  interval: (value) => ({ interval: readInterval(value) }),
  provider: (value) => ({ providers: listOf(value).map((one) => oneOf(askedProviders, one)) }),
  instances: (value) => ({ instances: readList(value).map((one, at) => readId(one, at)) }),
  all: (value) => ({ all: readFlag(value) }),
  mock: (value) => ({ mock: readFlag(value) }),
  url: (value) => ({ url: readText(value) }),
  tokenFile: (value) => ({ tokenFile: readText(value) }),
  readOnly: (value) => ({ readOnly: readFlag(value) }),
  theme: (value) => ({ theme: oneOf(themes, value) }),
  title: (value) => ({ title: readText(value) }),
  groups: (value) => ({ groups: readGroups(value) }),
  profile: (value) => ({ profile: readProfile(value) }),
  patterns: (value) => ({ patterns: readList(value).map((one, at) => readPattern(one, at)) }),
  logs: (value) => ({ logs: readList(value).map((one, at) => readText(one, [at])) }),
  alerts: (value) => ({ webhook: readWebhook(value) }),
}

/** Names of all fields, as the file may have them. */
export const settingNames = Object.keys(readers)

/** All that is wrong with it, or what it says. An empty file says nothing, and nothing is wrong with it. */
export function checkTopSettings(value: unknown): { settings: TopSettings; faults: SettingFault[] } {
  if (value === null || value === undefined) return { settings: {}, faults: [] }
  if (!isTable(value))
    return { settings: {}, faults: [{ path: [], message: 'Fields are expected, as «interval: 5».' }] }
  const faults: SettingFault[] = []
  const settings: TopSettings = {}
  for (const [name, one] of Object.entries(value)) {
    const fault = readInto(settings, name, one)
    if (fault) faults.push(fault)
  }
  return { settings, faults }
}

function readInto(settings: TopSettings, name: string, value: unknown): SettingFault | null {
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
  if (reader === undefined)
    return { path: [name], message: `There is no «${name}»; there are ${settingNames.join(', ')}.` }
  try {
    Object.assign(settings, reader(value))
    return null
  } catch (error) {
    const at = error instanceof FieldError ? error.at : []
    const message = error instanceof Error ? error.message : String(error)
    return { path: [name, ...at], message: `«${name}»: ${message}` }
  }
}

function readInterval(value: unknown): number {
  const { intervalMinS, intervalMaxS } = topLimits
  if (typeof value === 'number' && value >= intervalMinS && value <= intervalMaxS) return value
  throw new FieldError(`seconds from ${intervalMinS} to ${intervalMaxS} are expected, not ${show(value)}.`)
}

function readText(value: unknown, at: readonly (string | number)[] = []): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  throw new FieldError(`a text is expected, not ${show(value)}.`, at)
}

function readFlag(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new FieldError(`true or false is expected, not ${show(value)}.`)
}

function readId(value: unknown, at: number): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (typeof value === 'string' && /^[\w-]+$/.test(value)) return value
  throw new FieldError(`the id of a machine is expected, not ${show(value)}.`, [at])
}

function readList(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new FieldError(`a list is expected, not ${show(value)}.`)
  if (value.length > topLimits.listMax) throw new FieldError(`at most ${topLimits.listMax} are expected.`)
  return value
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value]
}

function oneOf<Word extends string>(words: readonly Word[], value: unknown): Word {
  const found = words.find((word) => word === value)
  if (found !== undefined) return found
  throw new FieldError(`${words.join(' or ')} is expected, not ${show(value)}.`)
}

/** `{ night: ["night-*"] }`: a group of its name, and what of names, projects or ids belongs to it. */
function readGroups(value: unknown): TopGroup[] {
  if (!isTable(value)) throw new FieldError(`names with lists are expected, not ${show(value)}.`)
  return Object.entries(value).map(([name, match]) => ({
    name,
    match: listOf(match).map((one) => readText(typeof one === 'number' ? String(one) : one, [name])),
  }))
}

function readPattern(value: unknown, at: number): UserPattern {
  const given = typeof value === 'string' ? { regex: value } : value
  if (!isTable(given)) throw new FieldError(`a regular expression is expected, not ${show(value)}.`, [at])
  const known = ['name', 'regex', 'caseSensitive', 'stepsRestart', 'endsEpoch']
  const stray = Object.keys(given).find((key) => !known.includes(key))
  if (stray !== undefined) throw new FieldError(`there is no «${stray}»; there are ${known.join(', ')}.`, [at, stray])
  const regex = readText(given['regex'], [at])
  const pattern: UserPattern = {
    name: given['name'] === undefined ? regex : readText(given['name'], [at, 'name']),
    regex,
  }
  for (const flag of ['caseSensitive', 'stepsRestart', 'endsEpoch'] as const)
    if (given[flag] !== undefined) pattern[flag] = readFlag(given[flag])
  return tryOut(pattern, at)
}

function tryOut(pattern: UserPattern, at: number): UserPattern {
  try {
    compilePattern(pattern)
    return pattern
  } catch (error) {
    if (error instanceof PilothouseError) throw new FieldError(error.message, [at])
    throw error
  }
}

function readProfile(value: unknown): NonNullable<TopSettings['profile']> {
  try {
    return readHealthProfile(value)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const field = isTable(value) ? Object.keys(value).find((key) => message.includes(key)) : undefined
    throw new FieldError(message, field === undefined ? [] : [field])
  }
}

function readWebhook(value: unknown): string {
  if (!isTable(value)) throw new FieldError(`«webhook» with an address below it is expected, not ${show(value)}.`)
  const stray = Object.keys(value).find((key) => key !== 'webhook')
  if (stray !== undefined) throw new FieldError(`there is no «${stray}»; there is webhook.`, [stray])
  const url = URL.parse(readText(value['webhook'], ['webhook']))
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:')) return url.href
  throw new FieldError('an address that begins with https:// is expected.', ['webhook'])
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing'
}
