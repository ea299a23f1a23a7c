/**
 * A draft: what somebody has entered for a parameter and not sent yet. The job knows nothing of it, and what the page shows
 * as the value stays the true one. Pure.
 */
import type { Parameter, ParameterChange, ParameterValue } from '@pilothouse/contract'
import { checkParameter } from '@pilothouse/contract/wire'
import { formatParameter } from '../commands/describe-command.ts'

export type Draft = {
  /** As entered: of a number its text. */
  input: ParameterValue
  /** Of the parameter when it was entered. */
  revision: number
  /** The command that waited then: that it is carried out is no surprise. */
  awaited?: number | undefined
  /** Why it could not be sent, in words. */
  error?: string
}

export type ReadDraft = { value: ParameterValue; fault?: undefined } | { value?: undefined; fault: string }

/** What a draft says, or why the job would not take it. */
export function readDraft(parameter: Parameter, { input }: Pick<Draft, 'input'>): ReadDraft {
  const isNumber = parameter.type === 'number' || parameter.type === 'integer'
  const value = isNumber && typeof input === 'string' ? readNumber(input) : input
  const fault = checkParameter(parameter, value)
  return fault ? { fault: `${sentence(fault.expected)} is expected.` } : { value }
}

/** True when it says something else than what is so, or is under way. */
export function isChange(parameter: Parameter, draft: Pick<Draft, 'input'>): boolean {
  const { value } = readDraft(parameter, draft)
  return value !== (parameter.pending?.value ?? parameter.value)
}

/**
 * What somebody else did since the draft was begun, in words; undefined when nothing did. That the script itself moves a
 * value, as a schedule does, stands in nobody's way.
 */
export function findConflict(
  parameter: Parameter,
  { revision, awaited }: Pick<Draft, 'revision' | 'awaited'>,
  changes: readonly ParameterChange[],
): string | undefined {
  if (parameter.revision === revision) return undefined
  const { pending, key, value } = parameter
  if (pending && pending.command !== awaited)
    return `${pending.by?.name ?? 'pilothouse'} is changing it to ${formatParameter(pending.value)}.`
  const last = changes.find((change) => change.key === key)
  if (last === undefined || last.cause === 'script' || last.cause === 'schedule') return undefined
  // On the way of a schedule a value is no entry of the history.
  if (last.value !== value) return undefined
  if (awaited !== undefined && last.command === awaited) return undefined
  const who = last.cause === 'restore' ? 'a rollback' : (last.by?.name ?? 'somebody')
  return `${who} has changed it: it is ${formatParameter(value)} now.`
}

/** `0,001` is what some keyboards give for `0.001`. */
function readNumber(text: string): number {
  const plain = text.trim().replace(/^(-?\d*),(\d+(?:e-?\d+)?)$/i, '$1.$2')
  return plain === '' ? Number.NaN : Number(plain)
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
