/**
 * Finds `key = value` pairs in a line: every number is found first, then the key is read backwards from it. Each look
 * backwards is bounded, so that the whole is linear in the length of the line.
 */
export type Pair = {
  /** As `normalizeKey` makes it. */
  key: string
  value: number
}

const numbers =
  /(?<![\w.$#\\/+-]|\d[,:])[-+]?(?:(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:e[-+]?\d{1,4})?|nan|inf(?:inity)?)(?![\w/]|\.\w|-\w|[,:]\d)/gi
/** `9861/10000 (99%)`. */
const ratio = /(?<![\w./-])(\d{1,12})\/(\d{1,12}) \(\d{1,3}(?:\.\d{1,4})?%\)/g
const memoryUnit = /^ ?(?:[kmgtp]i?b?|bytes?|b)(?:\/s)?(?![\w])/i
const wrapped = /(?:tensor|(?:np|numpy)\.float\d{1,3}|float\d{0,3})\($/
const keyLengthMax = 128
const gapMax = 12

/** All pairs of a line in order. Numbers without a key, memory sizes, times, dates and versions are left out. */
export function scanPairs(line: string): Pair[] {
  const pairs: Pair[] = []
  for (const found of line.matchAll(ratio)) {
    const key = readKey(line, found.index)
    if (key !== null) pairs.push({ key, value: Number(found[1]) / Number(found[2]) })
  }
  for (const found of line.matchAll(numbers)) {
    if (memoryUnit.test(line.slice(found.index + found[0].length, found.index + found[0].length + 12))) continue
    const key = readKey(line, found.index)
    if (key !== null) pairs.push({ key, value: readNumber(found[0]) })
  }
  return pairs
}

const wholeNumber = /^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|nan|inf(?:inity)?)$/i

/** True when the text is a number and nothing else. */
export function isNumber(text: string): boolean {
  return wholeNumber.test(text)
}

/** `nan` and `inf` as Python prints them, otherwise as JavaScript reads it. */
export function readNumber(text: string): number {
  const word = text.toLowerCase().replace(/^[-+]/, '')
  if (word === 'nan') return Number.NaN
  if (word === 'inf' || word === 'infinity') return text.startsWith('-') ? -Infinity : Infinity
  return Number(text)
}

/**
 * A name as metrics carry it: lower case, words joined by `_`, nothing renamed: `Loss` is `loss`, `LR` is `lr`,
 * `Learning Rate` is `learning_rate`, `Val/Acc@1` is `val/acc@1`.
 */
export function normalizeKey(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, '_')
}

/** Words that may stand before a key and belong to it: `val loss`. */
const leading = new Set(
  (
    'train training val valid validation eval evaluation test dev best avg average mean running total learning grad ' +
    'gradient global smoothed epoch step batch generator discriminator gen disc actor critic policy value box cls obj dfl ' +
    'macro micro weighted top1 top5 tokens samples steps iterations images per'
  ).split(' '),
)
/** Keys that a space alone joins to their value. */
const spoken =
  /^(?:\w{0,24}[_/-])?(?:loss|lr|acc|accuracy|acc[@]?[15]|f1|ppl|perplexity|nll|bpb|bpc|mse|mae|rmse|auc|auroc|iou|miou|map|bleu|wer|cer|reward|mfu|gnorm|grad_norm|kl|entropy|psnr|ssim|fid|recall|precision|dice)$/

function readKey(line: string, numberStart: number): string | null {
  const start = skipWrapper(line, numberStart)
  const bare = skipBack(line, start, isQuote, 1)
  const gapEnd = skipBack(line, bare, isSpace, gapMax)
  const separator = skipBack(line, gapEnd, isSeparator, 2)
  const spaced = separator < gapEnd
  if (!spaced && gapEnd === bare) return null
  const end = spaced ? skipBack(line, separator, isSpace, gapMax) : gapEnd
  const key = readName(line, end)
  if (key === null || spaced) return key
  return spoken.test(key) || standsInCell(line, end, key) ? key : null
}

/** fairseq's `| loss 8.1 | ppl 200 |`. */
function standsInCell(line: string, end: number, key: string): boolean {
  const before = skipBack(line, Math.max(0, end - key.length), isSpace, 2)
  return line[before - 1] === '|'
}

function readName(line: string, end: number): string | null {
  const last = line[end - 1]
  if (last === '"' || last === "'") return readQuoted(line, end - 1, last)
  if (last === ')') return readNameBeforeParenthesis(line, end)
  const start = skipBack(line, end, isNameCharacter, keyLengthMax)
  if (start === end || !/^[\p{L}_]/u.test(line.slice(start, start + 2))) return null
  return joinLeading(line, start, line.slice(start, end))
}

function readQuoted(line: string, end: number, quote: string): string | null {
  const start = line.lastIndexOf(quote, end - 1)
  const text = start < 0 || end - start > keyLengthMax ? '' : line.slice(start + 1, end)
  return /\p{L}/u.test(text) ? normalizeKey(text) : null
}

/** `mAP50(B)` keeps its parenthesis; of `Loss (train)` the word goes in front; any other remark is dropped. */
function readNameBeforeParenthesis(line: string, end: number): string | null {
  const open = line.lastIndexOf('(', end)
  if (open <= 0 || end - open > 32) return null
  const inside = line.slice(open + 1, end - 1)
  const attached = !isSpace(line.charCodeAt(open - 1))
  const key = readName(line, skipBack(line, open, isSpace, 2))
  if (key === null) return null
  if (attached) return `${key}(${normalizeKey(inside)})`
  return leading.has(inside.toLowerCase()) ? `${inside.toLowerCase()}_${key}` : key
}

function joinLeading(line: string, start: number, name: string): string {
  let key = normalizeKey(name)
  let at = start
  for (let words = 0; words < 3; words += 1) {
    if (line[at - 1] !== ' ') break
    const begin = skipBack(line, at - 1, isNameCharacter, 32)
    const word = line.slice(begin, at - 1).toLowerCase()
    if (!leading.has(word)) break
    key = `${word}_${key}`
    at = begin
  }
  return key
}

function skipWrapper(line: string, start: number): number {
  if (line[start - 1] !== '(') return start
  const found = wrapped.exec(line.slice(Math.max(0, start - 16), start))
  return found === null ? start : start - found[0].length
}

function skipBack(line: string, end: number, matches: (code: number) => boolean, most: number): number {
  let at = end
  while (at > 0 && end - at < most && matches(line.charCodeAt(at - 1))) at -= 1
  return at
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9
}

/** `:`, `=` and the `>` of an arrow. */
function isSeparator(code: number): boolean {
  return code === 58 || code === 61 || code === 62
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39
}

/** Anything but spaces and `, ; | = : { } ( ) [ ] < > ' " * !`. */
function isNameCharacter(code: number): boolean {
  if (code >= 97 && code <= 122) return true
  return code > 32 && code !== 127 && !isDelimiter(code)
}

const delimiters = new Set(Array.from(',;|=:{}()[]<>\'"*!`', (character) => character.charCodeAt(0)))

function isDelimiter(code: number): boolean {
  return delimiters.has(code)
}
