/**
 * Sweeps as Hydra's basic sweeper takes them: `a,b`, `choice(a,b)`, `range(1,5)`, and of a group `glob(*)`. Each value stays as
 * it was written, so that Hydra reads it as it would have.
 */

export type SweepValues = { values: string[] } | { message: string }

export type SweepOptions = {
  /** Of the group that is swept; absent: it is none. */
  options?: readonly string[] | undefined
  /** More are not listed. */
  valuesMax: number
}

const call = /^(?<name>[a-z_]\w*)\s*\((?<inside>[\s\S]*)\)$/i
const swept = ['choice', 'range', 'glob', 'interval', 'sort', 'shuffle', 'tag']

/** What a text sweeps over: one value, if it is no sweep. */
export function readSweep(text: string, { options, valuesMax }: SweepOptions): SweepValues {
  const parts = splitElements(text)
  if (!Array.isArray(parts)) return parts
  const found = parts.length > 1 ? { values: parts } : readCall(parts[0] ?? '', options, valuesMax)
  if ('message' in found) return found
  if (found.values.length > 1 && found.values.includes('')) return { message: 'Between two commas stands no value.' }
  const nested = parts.length > 1 ? parts.find((part) => isSweep(part)) : undefined
  if (nested !== undefined) return { message: `«${nested}» is a sweep inside a sweep, which Hydra does not take.` }
  if (found.values.length > valuesMax) return tooMany(valuesMax)
  return found
}

/** True where Hydra would take the text for more than one value. */
export function isSweep(text: string): boolean {
  const parts = splitElements(text)
  if (!Array.isArray(parts)) return false
  const name = call.exec((parts[0] ?? '').trim())?.groups?.['name']
  return parts.length > 1 || (name !== undefined && swept.includes(name))
}

function readCall(text: string, options: readonly string[] | undefined, valuesMax: number): SweepValues {
  const { name = '', inside = '' } = call.exec(text)?.groups ?? {}
  if (!swept.includes(name)) return { values: [text] }
  const parts = splitElements(inside)
  if (!Array.isArray(parts)) return parts
  const args = inside.trim() === '' ? [] : parts
  switch (name) {
    case 'choice':
      return args.length === 0 ? { message: 'choice() names no value.' } : { values: args }
    case 'range':
      return readRange(args, valuesMax)
    case 'glob':
      return readGlob(args, options)
    case 'interval':
      return { message: 'interval(…) has no end of values; only a sweeper that searches can take it.' }
    default:
      return { message: `${name}(…) is not spread out here. Write the values with commas between them.` }
  }
}

function tooMany(valuesMax: number): { message: string } {
  return { message: `That is more than ${valuesMax} values.` }
}

const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}' }

/** Splits at commas that stand in no quotes, brackets or interpolation. */
function splitElements(text: string): string[] | { message: string } {
  const parts: string[] = []
  const open: string[] = []
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at)
    if (letter === '\\') at += 1
    else if (letter === '"' || letter === "'") {
      at = findQuoteEnd(text, at)
      if (at < 0) return { message: `A quote ${letter} has no end.` }
    } else if (letter === '$' && text.charAt(at + 1) === '{') {
      at = text.indexOf('}', at)
      if (at < 0) return { message: '«${» has no end.' }
    } else if (letter in closing) open.push(closing[letter] ?? '')
    else if (')]}'.includes(letter)) {
      if (open.pop() !== letter) return { message: `«${letter}» closes nothing.` }
    } else if (letter === ',' && open.length === 0) {
      parts.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  const missing = open.at(-1)
  if (missing !== undefined) return { message: `A «${missing}» is missing.` }
  return [...parts, text.slice(from).trim()]
}

/** The next quote of the kind before which stands no odd number of backslashes; −1: there is none. */
function findQuoteEnd(text: string, at: number): number {
  const quote = text.charAt(at)
  for (let end = text.indexOf(quote, at + 1); end > 0; end = text.indexOf(quote, end + 1)) {
    const slashes = /\\*$/.exec(text.slice(at + 1, end))?.[0].length ?? 0
    if (slashes % 2 === 0) return end
  }
  return -1
}

const whole = /^[+-]?\d[\d_]*$/
const decimal = /^[+-]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(e[+-]?\d[\d_]*)?$/i

function readRange(args: readonly string[], valuesMax: number): SweepValues {
  const named: Record<string, string> = {}
  for (const [at, arg] of args.entries()) {
    const { name = ['start', 'stop', 'step'][at] ?? '', value = '' } =
      /^(?:(?<name>\w+)\s*=\s*)?(?<value>.*)$/s.exec(arg)?.groups ?? {}
    if (!['start', 'stop', 'step'].includes(name)) return { message: 'range takes start, stop and step.' }
    if (!decimal.test(value) || !Number.isFinite(Number(value.replaceAll('_', ''))))
      return { message: `range takes numbers, and «${value}» is none.` }
    named[name] = value.replaceAll('_', '')
  }
  const { start, stop, step = '1' } = named
  if (start === undefined && stop === undefined) return { message: 'range names no end.' }
  const [from, to] = stop === undefined ? ['0', start ?? '0'] : [start ?? '0', stop]
  if (Number(step) === 0) return { message: 'range needs a step other than 0.' }
  const isWhole = [from, to, step].every((one) => whole.test(one))
  const values = isWhole ? countWhole(from, to, step, valuesMax) : countDecimal(from, to, step, valuesMax)
  if (values.length === 0) return { message: `range from ${from} to ${to} in steps of ${step} has no value.` }
  return values.length > valuesMax ? tooMany(valuesMax) : { values }
}

function countWhole(from: string, to: string, step: string, valuesMax: number): string[] {
  const values: string[] = []
  const [end, by] = [BigInt(to), BigInt(step)]
  for (let at = BigInt(from); by > 0 ? at < end : at > end; at += by) {
    if (values.push(String(at)) > valuesMax) break
  }
  return values
}

/** As Hydra counts: the exact values of the floats, added up in decimals of 28 digits. */
function countDecimal(from: string, to: string, step: string, valuesMax: number): string[] {
  const values: string[] = []
  const [end, by] = [toDecimal(Number(to)), toDecimal(Number(step))]
  const isUp = by.digits > 0n
  for (let at = toDecimal(Number(from)); isUp ? isLess(at, end) : isLess(end, at); at = add(at, by)) {
    if (values.push(formatFloat(Number(`${at.digits}e${at.exponent}`))) > valuesMax) break
  }
  return values
}

/** digits × 10^exponent */
type Decimal = { digits: bigint; exponent: number }
const precision = 28

function toDecimal(value: number): Decimal {
  let exponent = 0
  let mantissa = value
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    exponent -= 1
  }
  return { digits: BigInt(mantissa) * 5n ** BigInt(-exponent), exponent }
}

function align(one: Decimal, other: Decimal): [bigint, bigint, number] {
  const exponent = Math.min(one.exponent, other.exponent)
  const scale = ({ digits, exponent: own }: Decimal): bigint => digits * 10n ** BigInt(own - exponent)
  return [scale(one), scale(other), exponent]
}

function isLess(one: Decimal, other: Decimal): boolean {
  const [a, b] = align(one, other)
  return a < b
}

/** Rounded to 28 digits, half to even. */
function add(one: Decimal, other: Decimal): Decimal {
  const [a, b, exponent] = align(one, other)
  const sum = a + b
  const surplus = String(sum < 0n ? -sum : sum).length - precision
  if (surplus <= 0) return { digits: sum, exponent }
  const unit = 10n ** BigInt(surplus)
  const [quotient, rest] = [sum / unit, sum % unit]
  const twice = (rest < 0n ? -rest : rest) * 2n
  const isUp = twice > unit || (twice === unit && quotient % 2n !== 0n)
  const digits = isUp ? quotient + (sum < 0n ? -1n : 1n) : quotient
  return { digits, exponent: exponent + surplus }
}

/** With a point or an exponent, so that it stays a float. */
function formatFloat(value: number): string {
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

function readGlob(args: readonly string[], options: readonly string[] | undefined): SweepValues {
  if (options === undefined) return { message: 'glob(…) goes over the options of a group, and this is none.' }
  const named: Record<'include' | 'exclude', string[]> = { include: [], exclude: [] }
  for (const [at, arg] of args.entries()) {
    const { name = at === 0 ? 'include' : 'exclude', value = '' } =
      /^(?:(?<name>include|exclude)\s*=\s*)?(?<value>.*)$/s.exec(arg)?.groups ?? {}
    const parts = value.startsWith('[') ? splitElements(value.slice(1, -1)) : [value]
    if (!Array.isArray(parts)) return parts
    named[name === 'include' ? 'include' : 'exclude'] = parts.map((part) => part.replaceAll(/^['"]|['"]$/g, ''))
  }
  const fits = (option: string, globs: readonly string[]): boolean => globs.some((glob) => toPattern(glob).test(option))
  const values = options.filter((option) => fits(option, named.include) && !fits(option, named.exclude))
  return values.length === 0 ? { message: `No option of the group fits ${args.join(', ')}.` } : { values }
}

/** `*`, `?`, `[a-z]`, `[!a-z]` as Python's fnmatch reads them. */
function toPattern(glob: string): RegExp {
  const source = glob.replaceAll(
    /\[(!?)([^\]]+)\]|[\s\S]/g,
    (part, not: string | undefined, set: string | undefined) => {
      if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replaceAll(/[\\^\]]/g, String.raw`\$&`)}]`
      if (part === '*') return '[^]*'
      return part === '?' ? '[^]' : part.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, String.raw`\$&`)
    },
  )
  return new RegExp(`^${source}$`, 'u')
}
