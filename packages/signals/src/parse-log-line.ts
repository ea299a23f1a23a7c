/**
 * What a line of a training log says, for jobs that print and do not report. Patterns (log-catalogue.ts, or the user's)
 * find step, epoch, stage and progress bars; what they leave is scanned for pairs of key and value (metric-scan.ts).
 *
 * Not every number is a metric: pairs count only on a line that has a step, an epoch or a bar, or a key that names a
 * quality (a loss, an accuracy …). A list of settings has none of these.
 */
import { bracketPattern, builtInPatterns, recognizeStage } from './log-catalogue.ts'
import type { LogFacts, LogPattern } from './log-facts.ts'
import { metricRole } from './metric-role.ts'
import { type Pair, isNumber, normalizeKey, readNumber, scanPairs } from './metric-scan.ts'
import { readJsonLine } from './read-json-line.ts'
import { collapseCarriageReturns, stripAnsi } from './terminal-text.ts'

/** A longer line is no line of a training log; nothing is read from it. */
export const parsedLineLengthMax = 16_384

/** Lines that hold numbers but state nothing: tracebacks, warnings, dumps of settings, listings. */
const silent =
  /^\s*(?:File "|Traceback|at \S+ \()|(?:Error|Exception|Warning):\s|\b(?:Namespace|Config|Configuration|Arguments|Args|Params)\(/
/** Without one of these no built-in pattern and no pair can be found. */
const mayHoldFacts = /\d|nan|inf|tokeni|load|sav|running|start|training|validat|evaluat/i

/** Reads one line (without its line end); null when it states nothing. */
export function parseLogLine(text: string, patterns: readonly LogPattern[] = builtInPatterns): LogFacts | null {
  const line = stripAnsi(collapseCarriageReturns(text)).replaceAll('\u0008', '')
  if (line.length > parsedLineLengthMax) return null
  if (patterns === builtInPatterns && !mayHoldFacts.test(line)) return null
  if (line.trimStart().startsWith('{"')) {
    const read = readJsonLine(line)
    if (typeof read === 'string') return parseLogLine(read, patterns)
    if (read !== null) return settle({ metrics: new Map() }, read, '')
  }
  return silent.test(line) ? null : readText(line, patterns)
}

function readText(line: string, patterns: readonly LogPattern[]): LogFacts | null {
  const facts: LogFacts = { metrics: new Map() }
  let rest = line
  for (const one of patterns) rest = applyPattern(facts, one, rest)
  const pairs = scanPairs(rest)
  if (facts.step === undefined && facts.bar === undefined) rest = applyBracket(facts, pairs, rest)
  return settle(facts, pairs, line)
}

/** Takes what the pattern finds into `facts`; returns the text without it. */
function applyPattern(facts: LogFacts, { name, regex, stepScope, endsEpoch, bar }: LogPattern, text: string): string {
  const found = regex.exec(text)
  if (found === null) return text
  const { index } = found
  const groups = found.groups ?? {}
  for (const [group, value] of Object.entries(groups)) {
    if (value !== undefined) takeGroup(facts, group, value)
  }
  const { key, value } = groups
  if (key !== undefined && value !== undefined && isNumber(value))
    facts.metrics.set(normalizeKey(key), readNumber(value))
  if (stepScope !== undefined && groups['step'] !== undefined) facts.stepScope = stepScope
  if (endsEpoch) facts.epochEnded = true
  if (bar) takeBar(facts, text.slice(0, index), name)
  const inner = groups['metrics'] === undefined ? '' : ` ${groups['metrics']} `
  return `${text.slice(0, index)} ;${inner}; ${text.slice(index + found[0].length)}`
}

function takeGroup(facts: LogFacts, group: string, text: string): void {
  switch (group) {
    case 'step':
    case 'totalSteps':
    case 'epoch':
    case 'totalEpochs':
    case 'done':
    case 'total':
      setCount(facts, group, text)
      break
    case 'percent':
      facts.fraction = Math.min(1, Number(text) / 100)
      break
    case 'rate':
      if (text !== '?') facts.rate = readScaled(text)
      break
    case 'unit':
      facts.unit = text
      break
    case 'stage':
      facts.stage = recognizeStage(text) ?? text.trim()
      break
    case 'metrics':
    case 'key':
    case 'value':
      break
    default:
      if (isNumber(text)) facts.metrics.set(normalizeKey(group), readNumber(text))
  }
}

function setCount(
  facts: LogFacts,
  name: 'step' | 'totalSteps' | 'epoch' | 'totalEpochs' | 'done' | 'total',
  text: string,
): void {
  const value = readScaled(text.replaceAll(',', ''))
  // The first pattern that finds something is the more specific one.
  if (Number.isFinite(value)) facts[name] ??= value
}

const scales: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15 }

function readScaled(text: string): number {
  const found = /^([\d.]+)([kmgtp]?)i?$/i.exec(text)
  if (found === null) return Number.NaN
  return Number(found[1]) * (scales[(found[2] ?? '').toLowerCase()] ?? 1)
}

/** Says of a bar whether it counts training steps, and turns its rate the right way round. */
function takeBar(facts: LogFacts, before: string, name: string): void {
  facts.bar = true
  const description = before.trim().replace(/:$/, '').trim()
  const [numerator = '', denominator = ''] = (facts.unit ?? '').split('/')
  if (facts.unit !== undefined) {
    if (numerator === 's' && denominator !== '' && facts.rate !== undefined)
      facts.rate = facts.rate > 0 ? 1 / facts.rate : 0
    facts.unit = numerator === 's' ? denominator : numerator
  }
  if (name === 'Keras' || name === 'rich') return
  const stage = facts.unit === 'B' ? (recognizeStage(description) ?? 'Dataset loading') : recognizeStage(description)
  if (stage !== undefined && stage !== 'Training') {
    facts.stage = stage
    return
  }
  if (stage !== undefined) facts.stage = stage
  takeBarAsSteps(facts, description)
}

function takeBarAsSteps(facts: LogFacts, description: string): void {
  if (facts.done !== undefined) facts.step = facts.done
  if (facts.total !== undefined) facts.totalSteps = facts.total
  delete facts.done
  delete facts.total
  if (/epoch/i.test(description)) facts.stepScope = 'epoch'
  // «Epoch: 33%|» and «Training epochs:» count epochs, not steps of one.
  if (/^(?:epochs?|training epochs?)$/i.test(description)) turnIntoEpochs(facts)
}

function turnIntoEpochs(facts: LogFacts): void {
  if (facts.step !== undefined) facts.epoch = facts.step
  if (facts.totalSteps !== undefined) facts.totalEpochs = facts.totalSteps
  if (facts.step !== undefined) facts.epochEnded = true
  delete facts.step
  delete facts.totalSteps
  delete facts.stepScope
}

function applyBracket(facts: LogFacts, pairs: readonly Pair[], text: string): string {
  const found = bracketPattern.regex.exec(text)
  if (found === null) return text
  const alone = text.trim().length === found[0].length
  const proven = facts.epoch !== undefined || pairs.some(({ key }) => metricRole(key) === 'quality')
  if (!alone && !proven) return text
  if (facts.epoch !== undefined) facts.stepScope = 'epoch'
  const rest = applyPattern(facts, bracketPattern, text)
  return rest
}

const heldOut =
  /^\W{0,4}(test|val|valid|validation|eval|evaluation|dev)(?:\s(?:set|results?|metrics))?\b(?!\s*(?:loss|acc)\w*)|\|\s(test|valid)\s\|/i
const heldOutWord = /(?:^|[\W_])(?:val|valid|validation|eval|evaluation|test|dev)(?:$|[\W_])/

/** Sorts the pairs into steps, epochs and metrics, and decides whether the line states anything at all. */
function settle(facts: LogFacts, pairs: readonly Pair[], line: string): LogFacts | null {
  const roles = pairs.map(({ key }) => metricRole(key))
  for (const [at, { value }] of pairs.entries()) takeCount(facts, roles[at], value)
  const section = heldOut.exec(line)
  const prefix = section === null ? '' : /test/i.test(section[1] ?? section[2] ?? '') ? 'test/' : 'val/'
  const proven =
    facts.bar !== undefined || facts.step !== undefined || facts.epoch !== undefined || roles.includes('quality')
  for (const [at, { key, value }] of pairs.entries()) {
    const role = roles[at]
    if (!proven || (role !== 'quality' && role !== 'measure')) continue
    facts.metrics.set(prefix !== '' && !heldOutWord.test(key) ? prefix + key : key, value)
  }
  if (prefix !== '') moveToValidation(facts)
  return facts.metrics.size > 0 || Object.keys(facts).length > 1 ? facts : null
}

function takeCount(facts: LogFacts, role: ReturnType<typeof metricRole> | undefined, value: number): void {
  if (!Number.isFinite(value) || value < 0) return
  if (role === 'step') facts.step = value
  if (role === 'epoch') facts.epoch ??= value
  if (role === 'totalSteps') facts.totalSteps ??= value
  if (role === 'totalEpochs') facts.totalEpochs ??= value
}

/** «Test: [ 10/50]» counts batches of the validation, not training steps. */
function moveToValidation(facts: LogFacts): void {
  if (facts.totalSteps === undefined || facts.step === undefined) return
  facts.stage = 'Validation'
  facts.done = facts.step
  facts.total = facts.totalSteps
  delete facts.step
  delete facts.totalSteps
  delete facts.stepScope
}
