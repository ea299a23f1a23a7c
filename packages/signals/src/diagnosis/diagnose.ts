/**
 * Why a job failed, as far as its error, its end, its log and its metrics tell. Pure; nothing is said without evidence.
 *
 * How sure a finding is follows from where its evidence stands: in the error that the job reported, or among the last words
 * of its log: certain; near the end: likely; farther off, or beside an error of another kind: possible, since programs
 * also print troubles that they got over. Causes stand before consequences («killed», «a rank did not answer»).
 */
import type { Evidence, Finding, JobState } from '@pilothouse/contract'
import { stripAnsi } from '../terminal-text.ts'
import { makeTextFilter } from './text-filter.ts'
import type { DiagnosisRule } from './rule.ts'
import { diagnosisRules } from './rules.ts'
import { type Captures, type TextPattern, fillWords, matchText, readTextPattern } from './text-pattern.ts'

export type DiagnosisInput = {
  state: JobState
  /** What the job reported last; type `exit` or `signal` when only the end of its process is known. */
  error: { type: string; message: string; traceback: string | null } | null
  exitCode: number | null
  signal: string | null
  /** Lines of the log in order; there may be gaps. */
  lines: readonly { n: number; text: string }[]
  /** Lines that the log has in all, so that it is known how near to the end a line stands. */
  linesTotal: number
  /** Metrics that had values that are no numbers. */
  metrics: readonly NonFiniteMetric[]
}

export type NonFiniteMetric = {
  key: string
  /** Step of the first such value; null when it is not known. */
  step: number | null
  value: 'NaN' | 'Infinity' | '-Infinity'
}

/** Lines looked at, the last ones; those before are not. */
const diagnosisLinesMax = 10_000
/** Characters of a line that are looked at. */
const lineLengthMax = 1_000
/** Unindented lines of a message or traceback that are looked at, the last ones. */
const errorLinesMax = 200
/** So many lines before its end a log has its last words. */
const lastWords = 30
/** So many lines before its end a log still speaks of the end. */
const nearEnd = 500
/** Findings told. */
const findingsMax = 6
const shownLengthMax = 400
/** A line says the same as an error when so many characters are the same. */
const sameLength = 200
/** Shells tell a signal by an exit code above this. */
const signalCodes = 128

const lossKey = /(?:loss|perplexity|ppl|nll|grad(?:ient)?_?norm)(?![a-z]|_?(?:scale|weight))/i

/** True for metrics that have to stay finite, or the training has diverged. */
export function isLossKey(key: string): boolean {
  return lossKey.test(key)
}

type CompiledRule = {
  rule: DiagnosisRule
  texts: readonly TextPattern[]
  unless: readonly string[]
}

const compiledRules: readonly CompiledRule[] = diagnosisRules.map((rule) => ({
  rule,
  texts: (rule.texts ?? []).map(readTextPattern),
  unless: rule.unless ?? [],
}))

const mayMatch = makeTextFilter(compiledRules.flatMap(({ texts }) => texts))

/** What was seen of one rule. */
type Sighting = {
  rule: DiagnosisRule
  captures: Captures
  error: string | undefined
  line: { n: number; text: string } | undefined
  outcome: string | undefined
  metric: NonFiniteMetric | undefined
}

/** What a job failed of, the likeliest first; empty when nothing is known to match, and for a job that did not fail. */
export function diagnose(input: DiagnosisInput): Finding[] {
  if (!isFailure(input)) return []
  const lines = input.lines.slice(-diagnosisLinesMax).map(({ n, text }) => ({ n, text: readPlain(text) }))
  const errorLines = listErrorLines(input.error)
  const telling = lines.filter(({ text }) => mayMatch(text))
  const seen = compiledRules.flatMap((rule) => look(rule, { input, lines, telling, errorLines }) ?? [])
  const ground = {
    hasOwnError: hasUnexplainedError(input.error, lines, seen),
    wasEnded: endedBySignal(input) || input.state === 'lost',
    linesTotal: input.linesTotal,
  }
  return seen
    .map((sighting) => ({ sighting, certainty: judge(sighting, ground) }))
    .toSorted(compare)
    .slice(0, findingsMax)
    .map(({ sighting, certainty }) => toFinding(sighting, certainty))
}

function isFailure(input: DiagnosisInput): boolean {
  const { state, lines } = input
  if (state === 'failed' || state === 'lost') return true
  return (
    state === 'cancelled' &&
    (endedBySignal(input) || lines.slice(-lastWords).some(({ text }) => /CANCELLED AT/.test(text)))
  )
}

function endedBySignal({ signal, exitCode }: DiagnosisInput): boolean {
  return signal !== null || (exitCode ?? 0) > signalCodes
}

type Material = {
  input: DiagnosisInput
  lines: readonly { n: number; text: string }[]
  /** Those that some rule may match. */
  telling: readonly { n: number; text: string }[]
  errorLines: readonly string[]
}

function look({ rule, texts, unless }: CompiledRule, { input, lines, telling, errorLines }: Material): Sighting | null {
  const inError = findLast(errorLines, (text) => matchAny(texts, unless, text))
  // The log may have another trouble of the same kind; of an error the line is meant that says the same.
  const said = inError?.item.slice(0, sameLength)
  const inLog =
    said === undefined
      ? findLast(telling, ({ text }) => matchAny(texts, unless, text))
      : findLast(lines, ({ text }) => (text.includes(said) ? {} : null))
  const isOfType = input.error !== null && (rule.errorTypes ?? []).includes(bareType(input.error.type))
  const outcome = readOutcome(rule, input)
  const metric = rule.nonFiniteLoss ? firstLossMetric(input.metrics) : undefined
  if (!inError && !inLog && !isOfType && outcome === undefined && metric === undefined) return null
  return {
    rule,
    captures: { ...(metric && { key: `«${metric.key}»` }), ...inLog?.captures, ...inError?.captures },
    error: inError?.item ?? (isOfType ? errorLines[0] : undefined),
    line: inLog?.item,
    outcome,
    metric,
  }
}

function matchAny(texts: readonly TextPattern[], unless: readonly string[], text: string): Captures | null {
  for (const pattern of texts) {
    const captures = matchText(pattern, text)
    if (captures) return unless.some((other) => text.includes(other)) ? null : captures
  }
  return null
}

function findLast<Item>(items: readonly Item[], match: (item: Item) => Captures | null) {
  for (let at = items.length - 1; at >= 0; at -= 1) {
    const item = items[at]
    const captures = item === undefined ? null : match(item)
    if (item !== undefined && captures) return { item, captures }
  }
  return undefined
}

function readOutcome(rule: DiagnosisRule, { state, signal, exitCode }: DiagnosisInput): string | undefined {
  if (signal !== null && rule.signals?.includes(signal)) return `ended by ${signal}`
  if (exitCode !== null && rule.exitCodes?.includes(exitCode)) return `exit code ${exitCode}`
  return rule.states?.includes(state) ? `the job is ${state}` : undefined
}

/** The loss that stopped being a number first. */
function firstLossMetric(metrics: readonly NonFiniteMetric[]): NonFiniteMetric | undefined {
  const losses = metrics.filter(({ key }) => isLossKey(key))
  return losses.toSorted((one, other) => (one.step ?? Infinity) - (other.step ?? Infinity))[0]
}

/** True when the job ended by an error that none of the rules knows, so that what they found may be something else. */
function hasUnexplainedError(
  error: DiagnosisInput['error'],
  lines: Material['lines'],
  seen: readonly Sighting[],
): boolean {
  if (error !== null && error.type !== 'exit' && error.type !== 'signal')
    return !seen.some(({ rule, error: shown }) => shown !== undefined && rule.role === 'consequence')
  const last = lines.slice(-lastWords).findLast(({ text }) => exception.test(text))
  // A message may have several lines: what is known of it may stand below its first.
  return last !== undefined && !seen.some(({ line }) => line !== undefined && line.n >= last.n)
}

/** The first line of an exception, as Python prints it behind its frames. */
const exception = /^(?:[A-Za-z_]\w{0,80}\.){0,8}[A-Z]\w{0,80}(?:Error|Exception|Interrupt)(?::|$)/

type Ground = {
  hasOwnError: boolean
  /** From outside: no exception ended it. */
  wasEnded: boolean
  linesTotal: number
}

function judge(
  { error, outcome, line, metric }: Sighting,
  { hasOwnError, wasEnded, linesTotal }: Ground,
): Finding['certainty'] {
  if (error !== undefined || outcome !== undefined) return 'certain'
  if (hasOwnError) return 'possible'
  const distance = line === undefined ? Infinity : linesTotal - line.n
  if (distance <= lastWords) return 'certain'
  return distance <= nearEnd || (metric !== undefined && !wasEnded) ? 'likely' : 'possible'
}

type Judged = { sighting: Sighting; certainty: Finding['certainty'] }
const certaintyOrder = ['certain', 'likely', 'possible'] as const

function compare(one: Judged, other: Judged): number {
  const [a, b] = [weigh(one), weigh(other)]
  return a.map((value, at) => value - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0
}

/** Numbers to compare one after the other; the lower stands in front. */
function weigh({ sighting: { rule, line }, certainty }: Judged): number[] {
  return [
    certainty === 'possible' ? 1 : 0,
    rule.role === 'cause' ? 0 : 1,
    certaintyOrder.indexOf(certainty),
    -rule.rank,
    line?.n ?? Infinity,
  ]
}

function toFinding({ rule, captures, ...seen }: Sighting, certainty: Finding['certainty']): Finding {
  return {
    rule: rule.id,
    role: rule.role,
    certainty,
    title: fillWords(rule.title, captures),
    meaning: fillWords(rule.meaning, captures),
    tries: rule.tries.map((words) => fillWords(words, captures)),
    evidence: listEvidence(seen),
  }
}

/** The error is left out where the log has the same words: the line can be gone to. */
function listEvidence({ error, line, outcome, metric }: Omit<Sighting, 'rule' | 'captures'>): Evidence[] {
  const evidence: Evidence[] = []
  if (line) evidence.push({ kind: 'line', n: line.n, text: shorten(line.text) })
  else if (error !== undefined) evidence.push({ kind: 'error', text: shorten(error) })
  if (metric) evidence.push({ kind: 'metric', key: metric.key, step: metric.step, value: metric.value })
  if (outcome !== undefined) evidence.push({ kind: 'outcome', text: outcome })
  return evidence
}

function shorten(text: string): string {
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax - 1)}…` : text
}

/** What launchers and loggers put in front: a rank, a process, a time. */
const prefix =
  /^(?:\[(?:rank|default)\d{1,6}\]:?|\d{1,6}:(?=\s)|\((?:\w{1,40} )?pid=\d{1,8}[^()]{0,80}\)|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]{0,8}Z?\]?)\s{0,8}/
const prefixesMax = 3

function readPlain(text: string): string {
  let plain = stripAnsi(text.slice(0, lineLengthMax)).trim()
  for (let round = 0; round < prefixesMax; round += 1) {
    const found = prefix.exec(plain)
    if (!found) return plain
    plain = plain.slice(found[0].length)
  }
  return plain
}

/** The message behind its type, then what a traceback says outside of its frames: the exceptions that led to it. */
function listErrorLines(error: DiagnosisInput['error']): string[] {
  if (!error) return []
  const { type, message, traceback } = error
  const isBare = type === 'exit' || type === 'signal'
  const said = `${isBare ? '' : `${bareType(type)}: `}${message}`.split('\n')
  const outside = (traceback ?? '').split('\n').filter((line) => /^\S/.test(line))
  return [...said.slice(0, errorLinesMax), ...outside.slice(-errorLinesMax)].map(readPlain)
}

function bareType(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1)
}
