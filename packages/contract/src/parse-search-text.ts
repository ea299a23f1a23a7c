/** From the text of a search to its conditions, with words about what cannot be read. Pure. */
import { jobKinds, jobStates } from './job-state.ts'
import { limits } from './limits.ts'
import { type ScannedPart, type ScannedValue, scanSearchText } from './scan-search-text.ts'
import { readClockTime, readDuration, readNumber } from './search-values.ts'
import {
  type SearchCondition,
  type SearchField,
  type SearchOperator,
  type SearchText,
  isWords,
  measureFields,
  searchFields,
  textFields,
  timeFields,
} from './search-text.ts'
import { type ValueKind, valueKinds } from './value-kind.ts'
import { isNear } from './is-near.ts'

/** Thrown within this file only; becomes a fault at its place. */
class Fault extends Error {
  readonly at: Pick<ScannedValue, 'from' | 'to'>

  constructor(message: string, at: Pick<ScannedValue, 'from' | 'to'>) {
    super(message)
    this.at = at
  }
}

const aliases: Readonly<Record<string, SearchField>> = {
  state: 'status',
  tags: 'tag',
  user: 'owner',
  'job-type': 'type',
  jobtype: 'type',
  start: 'started',
  end: 'ended',
  took: 'duration',
}

/**
 * Reads a search. Never throws: what cannot be read is told in `faults`, and the other conditions stand in `terms`.
 * @param now ms; times such as `7d` count back from it. Dates are days of the zone in which this runs.
 */
export function parseSearchText(text: string, now: number): SearchText {
  const terms = []
  const faults = []
  for (const part of scanSearchText(text)) {
    if (part.fault) {
      faults.push(part.fault)
      continue
    }
    try {
      const { condition, isNot } = readCondition(part, now)
      terms.push({ from: part.from, to: part.to, isNot: part.isNot !== isNot, condition })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      faults.push({ from: error.at.from, to: Math.max(error.at.to, error.at.from + 1), message: error.message })
    }
  }
  const beyond = terms[limits.searchTermsMax]
  if (beyond) {
    const message = `A search has at most ${limits.searchTermsMax} conditions.`
    faults.push({ from: beyond.from, to: text.length, message })
  }
  return { terms: terms.slice(0, limits.searchTermsMax), faults }
}

/** The field that a name stands for. */
export function findSearchField(name: string): SearchField | undefined {
  const lower = name.toLowerCase()
  if (Object.hasOwn(aliases, lower)) return aliases[lower]
  return Object.hasOwn(searchFields, lower) ? (lower as SearchField) : undefined // just seen to be one
}

type Reading = { condition: SearchCondition; isNot: boolean }

function readCondition(part: ScannedPart, now: number): Reading {
  const { name, operator } = part
  if (operator === undefined) return { condition: { kind: 'word', word: name.text }, isNot: false }
  if (name.text === '') throw new Fault('A name is missing before the sign, as in loss<2.', part)
  if (part.values.every(({ text, isQuoted }) => text === '' && !isQuoted)) throw new Fault(tellMissing(name.text), part)
  const known = findSearchField(name.text)
  const one = known === undefined ? readValueCondition(part, operator) : readFieldCondition(part, known, now)
  return one
}

function tellMissing(name: string): string {
  const field = findSearchField(name)
  if (field === undefined) return `A value is missing after «${name}».`
  return `A value is missing after «${name}»: ${searchFields[field]}.`
}

function readFieldCondition(part: ScannedPart, field: SearchField, now: number): Reading {
  const time = timeFields.find((one) => one === field)
  if (time) return readTime(part, time, now)
  const measure = measureFields.find((one) => one === field)
  if (measure) {
    const value = onlyValue(part)
    const number = measure === 'duration' ? readDuration(value.text) : readNumber(value.text)
    if (number === undefined)
      throw new Fault(
        measure === 'duration'
          ? `«${value.text}» is no duration: write 90s, 30m, 2h or 3d.`
          : `«${value.text}» is no number.`,
        value,
      )
    return plain({ kind: 'measure', field: measure, operator: comparison(part), value: number })
  }
  const isNot = refuseComparison(part)
  const texts = part.values.map(({ text }) => text)
  const textField = textFields.find((one) => one === field)
  if (textField) return { condition: { kind: 'text', field: textField, values: texts }, isNot }
  switch (field) {
    case 'status':
      return { condition: { kind: 'state', states: part.values.map((one) => choose(one, jobStates, 'state')) }, isNot }
    case 'kind':
      return { condition: { kind: 'job-kind', kinds: part.values.map((one) => choose(one, jobKinds, 'kind')) }, isNot }
    case 'is':
      return { condition: { kind: 'is', word: choose(onlyValue(part), isWords, 'word after «is:»') }, isNot }
    default:
      return { condition: { kind: 'has', key: onlyValue(part).text }, isNot }
  }
}

/** A metric, or a value of configuration or summary. */
function readValueCondition(part: ScannedPart, operator: SearchOperator | ':'): Reading {
  const { of, key, isNamed } = splitValueName(part.name.text)
  if (!isNamed && operator === ':') {
    const near = suggestField(part.name.text)
    throw new Fault(
      `There is no field «${part.name.text}»${near === undefined ? '' : `; did you mean ${near}:`}. Metrics are compared, as in loss<2, settings are config.lr, and words with signs stand in quotes.`,
      part.name,
    )
  }
  if (key === '') throw new Fault(`A name is missing after «${part.name.text}».`, part.name)
  const value = onlyValue(part)
  const number = value.isQuoted ? undefined : readNumber(value.text)
  const sign = comparison(part)
  const { text } = value
  if (number !== undefined) return plain({ kind: 'value', of, key, operator: sign, value: number, text })
  if (of !== 'config' && of !== 'summary')
    throw new Fault(`«${value.text}» is no number. For a setting write config.${key}=${value.text}.`, value)
  if (sign !== '=' && sign !== '!=') throw new Fault(`«${value.text}» is no number, so it has no «${sign}».`, value)
  return plain({ kind: 'value', of, key, operator: sign, value: text, text })
}

/** `config.lr` is the setting `lr`; a bare name is a metric. */
export function splitValueName(name: string): { of: ValueKind; key: string; isNamed: boolean } {
  const of = valueKinds.find((kind) => name.startsWith(`${kind}.`))
  return of === undefined
    ? { of: 'metric', key: name, isNamed: false }
    : { of, key: name.slice(of.length + 1), isNamed: true }
}

function readTime(part: ScannedPart, field: (typeof timeFields)[number], now: number): Reading {
  const value = onlyValue(part)
  const time = readClockTime(value.text, now)
  if (!time) throw new Fault(`«${value.text}» is no time: write 7d, today, 2026-01-31 or 2026-01-31T18:00.`, value)
  const { from, until } = time
  switch (part.operator) {
    case '>':
    case '>=':
      // After a day is from its end on.
      return plain({ kind: 'time', field, from: part.operator === '>' ? (until ?? from) : from })
    case '<':
    case '<=':
      return plain({ kind: 'time', field, until: part.operator === '<=' ? (until ?? from) : from })
    default:
      if (until === undefined)
        throw new Fault(`Say ${field}>${value.text} for since then, or ${field}<${value.text} for before.`, part)
      return { condition: { kind: 'time', field, from, until }, isNot: part.operator === '!=' }
  }
}

function plain(condition: SearchCondition): Reading {
  return { condition, isNot: false }
}

function comparison({ operator }: ScannedPart): SearchOperator {
  return operator === undefined || operator === ':' ? '=' : operator
}

/** True for `!=`. */
function refuseComparison(part: ScannedPart): boolean {
  const { operator, name } = part
  if (operator === ':' || operator === '=') return false
  if (operator === '!=') return true
  throw new Fault(`«${name.text}» has no «${operator ?? ''}»: write ${name.text}:value.`, part)
}

function onlyValue(part: ScannedPart): ScannedValue {
  const [first, second] = part.values
  if (!first) throw new Fault(tellMissing(part.name.text), part)
  if (second) throw new Fault(`«${part.name.text}» takes one value, not a list.`, second)
  return first
}

function choose<Choice extends string>(value: ScannedValue, choices: readonly Choice[], what: string): Choice {
  const found = choices.find((choice) => choice === value.text.toLowerCase())
  if (found === undefined) throw new Fault(`«${value.text}» is no ${what}: ${choices.join(', ')}.`, value)
  return found
}

/** The field that begins like `name`, or differs in one letter. */
function suggestField(name: string): string | undefined {
  const lower = name.toLowerCase()
  const names = Object.keys(searchFields)
  return names.find((one) => lower.length > 1 && one.startsWith(lower)) ?? names.find((one) => isNear(one, lower))
}
