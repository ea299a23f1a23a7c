/** Patterns that users add for what their scripts print. */
import { PilothouseError } from '@pilothouse/contract/wire'
import { builtInPatterns } from './log-catalogue.ts'
import type { LogPattern } from './log-facts.ts'
import { LinearRegex } from './linear-regex.ts'
import { RegexRefusal } from './regex-program.ts'

/**
 * A pattern as it stands in a configuration. `regex` has the syntax of JavaScript without look-around and references;
 * its named groups say what they are: `step`, `totalSteps`, `epoch`, `totalEpochs`, `percent`, `stage`, `done`, `total`,
 * `rate`, `unit`; `key` with `value`; `metrics` for text that holds further pairs; any other name is a metric.
 */
export type UserPattern = {
  name: string
  regex: string
  /** False when absent. */
  caseSensitive?: boolean
  /** Steps count anew in each epoch. */
  stepsRestart?: boolean
  /** A line that matches says that the epoch is over. */
  endsEpoch?: boolean
}

const regexLengthMax = 1_000

/**
 * The user's patterns, and behind them those that are built in.
 * @throws PilothouseError `invalid` with the field at fault, as `patterns[2].regex`.
 */
export function combinePatterns(patterns: readonly UserPattern[]): LogPattern[] {
  return [...patterns.map((pattern, at) => compilePattern(pattern, `patterns[${at}].regex`)), ...builtInPatterns]
}

/**
 * One pattern, ready for use.
 * @throws PilothouseError `invalid` with `field`.
 */
export function compilePattern(pattern: UserPattern, field = 'regex'): LogPattern {
  const groups = readGroupNames(pattern.regex)
  if (pattern.regex.length > regexLengthMax) {
    throw refuse(pattern, field, `it has more than ${regexLengthMax} characters`)
  }
  if (groups.includes('key') !== groups.includes('value')) {
    throw refuse(pattern, field, 'the groups «key» and «value» belong together')
  }
  if (groups.length === 0 && !pattern.endsEpoch) {
    throw refuse(pattern, field, 'it has no named group, such as (?<step>\\d+) or (?<loss>[\\d.]+)')
  }
  return {
    name: pattern.name,
    regex: compile(pattern, field),
    ...(pattern.stepsRestart ? { stepScope: 'epoch' } : {}),
    ...(pattern.endsEpoch ? { endsEpoch: true } : {}),
  }
}

function compile(pattern: UserPattern, field: string): LinearRegex {
  try {
    return new LinearRegex(pattern.regex, { ignoreCase: !pattern.caseSensitive })
  } catch (cause) {
    if (cause instanceof RegexRefusal) throw refuse(pattern, field, cause.message, cause)
    throw cause
  }
}

function readGroupNames(regex: string): string[] {
  return Array.from(regex.matchAll(/\(\?<([A-Za-z_$][\w$]{0,63})>/g), ([, name]) => name ?? '')
}

function refuse({ name }: UserPattern, field: string, why: string, cause?: unknown): PilothouseError {
  return new PilothouseError('invalid', `The log pattern «${name}» cannot be used: ${why}.`, {
    field,
    expected: 'a regular expression with named groups, without look-around and references',
    cause,
  })
}
