/**
 * A regular expression as a small program, so that it can be run in time proportional to program × text
 * (linear-regex.ts). The syntax is that of JavaScript without what cannot be run so: look-around and back-references.
 */
import { listNeedles } from './regex-needles.ts'
import type { CharacterSet, RegexNode } from './regex-node.ts'

export type Instruction =
  /** Takes one character that the set holds; of those of ASCII, `ascii` says it. */
  | { kind: 'take'; set: CharacterSet; ascii: Uint8Array }
  /** Goes on at `first`; if that fails, at `second`. */
  | { kind: 'split'; first: number; second: number }
  | { kind: 'jump'; to: number }
  /** Notes the position, for a group. */
  | { kind: 'save'; slot: number }
  | { kind: 'assert'; what: 'start' | 'end' | 'boundary' | 'inside' }
  | { kind: 'match' }

export type RegexProgram = {
  code: readonly Instruction[]
  slots: number
  names: ReadonlyMap<string, number>
  /** Of these, in lower case, a text of ASCII must hold one to match; none where that is not known. */
  needles: readonly string[]
  /** Characters of ASCII that a match may begin with behind the start of the text; null where it may be empty. */
  starts: Uint8Array | null
}

/** Where and why an expression cannot be used. */
export class RegexRefusal extends Error {
  override readonly name = 'RegexRefusal'
}

/** Characters of ASCII. */
export const asciiSize = 128

/** A longer program is refused: counted repetitions are written out. */
const programMax = 800

/**
 * Compiles an expression.
 * @throws RegexRefusal with the reason in words when it is no valid expression or uses what is not supported.
 */
export function compileRegex(source: string, ignoreCase: boolean): RegexProgram {
  try {
    void new RegExp(source)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^Invalid regular expression: /, '') : String(cause)
    throw new RegexRefusal(`it is no valid regular expression: ${why}`, { cause })
  }
  const parser = new RegexParser(source, ignoreCase)
  const node = parser.parse()
  const code: Instruction[] = []
  emit(code, { kind: 'group', slot: 0, inner: node })
  push(code, { kind: 'match' })
  return {
    code,
    slots: (parser.groups + 1) * 2,
    names: parser.names,
    needles: listNeedles(node),
    starts: findStarts(code),
  }
}

/** Which characters may be taken first, whatever is asserted before, but for the start. */
function findStarts(code: readonly Instruction[]): Uint8Array | null {
  const starts = new Uint8Array(asciiSize)
  const seen = new Set<number>()
  const open = [0]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const instruction = code[at]
    if (seen.has(at) || instruction === undefined) continue
    seen.add(at)
    if (instruction.kind === 'match') return null
    if (instruction.kind === 'assert' && instruction.what === 'start') continue
    if (instruction.kind === 'take') instruction.ascii.forEach((holds, one) => (starts[one] ||= holds))
    else if (instruction.kind === 'split') open.push(instruction.first, instruction.second)
    else open.push(instruction.kind === 'jump' ? instruction.to : at + 1)
  }
  return starts
}

class RegexParser {
  readonly names = new Map<string, number>()
  groups = 0
  readonly #source: string
  readonly #ignoreCase: boolean
  #at = 0

  constructor(source: string, ignoreCase: boolean) {
    this.#source = source
    this.#ignoreCase = ignoreCase
  }

  /** The source is known to be valid for JavaScript. */
  parse(): RegexNode {
    const options = [this.#parseSequence()]
    while (this.#skip('|')) options.push(this.#parseSequence())
    return options.length === 1 ? (options[0] ?? { kind: 'empty' }) : { kind: 'choice', options }
  }

  #parseSequence(): RegexNode {
    const parts: RegexNode[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#peek())) {
      parts.push(this.#parseQuantified(this.#parseAtom()))
    }
    return { kind: 'sequence', parts }
  }

  #parseAtom(): RegexNode {
    const character = this.#next()
    switch (character) {
      case '^':
        return { kind: 'assert', what: 'start' }
      case '$':
        return { kind: 'assert', what: 'end' }
      case '.':
        return { kind: 'set', set: (code) => code !== 10 && code !== 13 && code !== 0x2028 && code !== 0x2029 }
      case '(':
        return this.#parseGroup()
      case '[':
        return { kind: 'set', set: this.#fold(this.#parseClass()) }
      case '\\':
        return this.#parseEscape()
      default:
        return this.#makeLiteral(character.charCodeAt(0))
    }
  }

  #parseGroup(): RegexNode {
    if (!this.#skip('?')) return this.#finishGroup(this.#openGroup())
    if (this.#skip(':')) return this.#finishGroup(null)
    if (this.#skip('<') && !'=!'.includes(this.#peek())) {
      const end = this.#source.indexOf('>', this.#at)
      const slot = this.#openGroup()
      this.names.set(this.#source.slice(this.#at, end), slot)
      this.#at = end + 1
      return this.#finishGroup(slot)
    }
    throw this.#refuse('looking ahead or behind, and flags inside, are not supported')
  }

  #openGroup(): number {
    this.groups += 1
    return this.groups * 2
  }

  #finishGroup(slot: number | null): RegexNode {
    const inner = this.parse()
    this.#skip(')')
    return slot === null ? inner : { kind: 'group', slot, inner }
  }

  #parseEscape(): RegexNode {
    const character = this.#next()
    if (character === 'b') return { kind: 'assert', what: 'boundary' }
    if (character === 'B') return { kind: 'assert', what: 'inside' }
    if (/[1-9]/.test(character) || character === 'k') throw this.#refuse('references to groups are not supported')
    const known = classes[character]
    if (known !== undefined) return { kind: 'set', set: this.#fold(known) }
    this.#refuseProperty(character)
    return this.#makeLiteral(this.#readCode(character))
  }

  #makeLiteral(code: number): RegexNode {
    const set = this.#fold(only(code))
    return code < asciiSize
      ? { kind: 'set', set, literal: String.fromCharCode(code).toLowerCase() }
      : { kind: 'set', set }
  }

  #refuseProperty(character: string): void {
    if (character === 'p' || character === 'P') throw this.#refuse(String.raw`\p classes are not supported`)
  }

  #readCode(character: string): number {
    const control = controls[character]
    if (control !== undefined) return control
    const length = character === 'x' ? 2 : character === 'u' ? 4 : 0
    const digits = this.#source.slice(this.#at, this.#at + length)
    if (length === 0 || !/^[\dA-Fa-f]+$/.test(digits) || digits.length < length) return character.charCodeAt(0)
    this.#at += length
    return Number.parseInt(digits, 16)
  }

  #parseClass(): CharacterSet {
    const negated = this.#skip('^')
    const sets: CharacterSet[] = []
    while (this.#peek() !== ']') {
      const first = this.#parseMember()
      const dashed = this.#peek() === '-' && this.#source[this.#at + 1] !== ']'
      if (typeof first === 'function' || !dashed) {
        sets.push(typeof first === 'function' ? first : only(first))
        continue
      }
      this.#at += 1
      const last = this.#parseMember()
      if (typeof last === 'function') sets.push(only(first), only(45), last)
      else sets.push((code) => code >= first && code <= last)
    }
    this.#at += 1
    const holds: CharacterSet = (code) => sets.some((set) => set(code))
    // Case is folded before the class is negated, or «not a» would hold «a» through «A».
    const folded = this.#fold(holds)
    return negated ? (code) => !folded(code) : folded
  }

  #parseMember(): number | CharacterSet {
    const character = this.#next()
    if (character !== '\\') return character.charCodeAt(0)
    const escaped = this.#next()
    if (escaped === 'b') return 8
    this.#refuseProperty(escaped)
    return classes[escaped] ?? this.#readCode(escaped)
  }

  #parseQuantified(inner: RegexNode): RegexNode {
    const range = this.#parseQuantifier()
    if (range === null) return inner
    return { kind: 'repeat', inner, ...range, lazy: this.#skip('?') }
  }

  #parseQuantifier(): { least: number; most: number } | null {
    if (this.#skip('*')) return { least: 0, most: Infinity }
    if (this.#skip('+')) return { least: 1, most: Infinity }
    if (this.#skip('?')) return { least: 0, most: 1 }
    const found = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.#source.slice(this.#at))
    if (found === null) return null
    this.#at += found[0].length
    const least = Number(found[1])
    if (found[2] === undefined) return { least, most: least }
    return { least, most: found[3] === '' || found[3] === undefined ? Infinity : Number(found[3]) }
  }

  /** The same set for upper and lower case. */
  #fold(set: CharacterSet): CharacterSet {
    if (!this.#ignoreCase) return set
    return (code) => {
      if (set(code)) return true
      if (code < 128) return isLetter(code) && set(code ^ 32)
      const text = String.fromCharCode(code)
      return set(text.toLowerCase().charCodeAt(0)) || set(text.toUpperCase().charCodeAt(0))
    }
  }

  #peek(): string {
    return this.#source[this.#at] ?? ''
  }

  #next(): string {
    const character = this.#peek()
    this.#at += 1
    return character
  }

  #skip(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at += 1
    return true
  }

  #refuse(why: string): RegexRefusal {
    return new RegexRefusal(`${why} (at character ${this.#at})`)
  }
}

const space: CharacterSet = (code) => /\s/.test(String.fromCharCode(code))
const digit: CharacterSet = (code) => code >= 48 && code <= 57
const classes: Readonly<Record<string, CharacterSet>> = {
  d: digit,
  D: (code) => !digit(code),
  w: isWord,
  W: (code) => !isWord(code),
  s: space,
  S: (code) => !space(code),
}
const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, v: 11, f: 12, '0': 0 }

/** `[A-Za-z0-9_]`. */
export function isWord(code: number): boolean {
  return digit(code) || isLetter(code) || code === 95
}

function isLetter(code: number): boolean {
  const lower = code | 32
  return lower >= 97 && lower <= 122 && code < 128
}

function only(wanted: number): CharacterSet {
  return (code) => code === wanted
}

function push(code: Instruction[], instruction: Instruction): number {
  if (code.length >= programMax) throw new RegexRefusal('it is too large: counted repetitions are written out')
  return code.push(instruction) - 1
}

/** A set that is repeated is written out, and looked up, once. */
const asciiOf = new WeakMap<CharacterSet, Uint8Array>()

function listAscii(set: CharacterSet): Uint8Array {
  const known = asciiOf.get(set) ?? Uint8Array.from({ length: asciiSize }, (_, code) => (set(code) ? 1 : 0))
  asciiOf.set(set, known)
  return known
}

function emit(code: Instruction[], node: RegexNode): void {
  switch (node.kind) {
    case 'empty':
      return
    case 'set':
      push(code, { kind: 'take', set: node.set, ascii: listAscii(node.set) })
      return
    case 'assert':
      push(code, node)
      return
    case 'sequence':
      for (const part of node.parts) emit(code, part)
      return
    case 'group':
      push(code, { kind: 'save', slot: node.slot })
      emit(code, node.inner)
      push(code, { kind: 'save', slot: node.slot + 1 })
      return
    case 'choice':
      emitChoice(code, node.options)
      return
    case 'repeat':
      emitRepeat(code, node)
      return
    default:
      node satisfies never
  }
}

function emitChoice(code: Instruction[], options: readonly RegexNode[]): void {
  const exits: { kind: 'jump'; to: number }[] = []
  for (const [at, option] of options.entries()) {
    if (at === options.length - 1) {
      emit(code, option)
      break
    }
    const split = { kind: 'split' as const, first: code.length + 1, second: 0 }
    push(code, split)
    emit(code, option)
    const exit = { kind: 'jump' as const, to: 0 }
    push(code, exit)
    exits.push(exit)
    split.second = code.length
  }
  for (const exit of exits) exit.to = code.length
}

function emitRepeat(code: Instruction[], { inner, least, most, lazy }: RegexNode & { kind: 'repeat' }): void {
  for (let count = 0; count < least; count += 1) emit(code, inner)
  if (most === Infinity) {
    const at = code.length
    emitOptional(code, inner, lazy, () => push(code, { kind: 'jump', to: at }))
    return
  }
  for (let count = least; count < most; count += 1) emitOptional(code, inner, lazy, () => undefined)
}

function emitOptional(code: Instruction[], inner: RegexNode, lazy: boolean, finish: () => unknown): void {
  const split = { kind: 'split' as const, first: code.length + 1, second: 0 }
  push(code, split)
  emit(code, inner)
  finish()
  split.second = code.length
  if (lazy) [split.first, split.second] = [split.second, split.first]
}
