/** The state that pickle opcodes work on: the bytes still to come, a stack with marks, a memo; each of them bounded. */
import type { PickleNode } from './pickle-nodes.ts'
import { malformed, quote, TensorFileError } from './tensor-file-error.ts'

/** Bounds of one pickle. A checkpoint of a model with thousands of layers needs a tenth of them. */
export const pickleLimits = {
  /** Bytes of the pickle itself; tensors lie outside of it. */
  bytesMax: 64 * 1024 * 1024,
  opcodesMax: 4_000_000,
  memoMax: 1_000_000,
  textBytesMax: 16 * 1024 * 1024,
  /** Numbers and names that are written as a line of text. */
  lineBytesMax: 64 * 1024,
  /** An integer of more bytes is no number that a checkpoint has. */
  integerBytesMax: 32,
  globalsMax: 1_000,
  timeMsMax: 10_000,
} as const

export class PickleMachine {
  readonly stack: PickleNode[] = []
  /** Heights of the stack where a mark was set. */
  readonly #marks: number[] = []
  readonly #memo = new Map<number, PickleNode>()
  /** Names that loading would import, and whether it would call them. */
  readonly globals = new Map<string, { isCalled: boolean }>()
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Offset of the next byte, for messages. */
  get at(): number {
    return this.#at
  }

  readUint8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  readUint16(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }

  readInt32(): number {
    return this.#view.getInt32(this.#advance(4), true)
  }

  readUint32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  /** A 64-bit length; what does not fit into the pickle is refused when it is used. */
  readLength(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true))
  }

  /** Big-endian, unlike all others. */
  readFloat64(): number {
    return this.#view.getFloat64(this.#advance(8), false)
  }

  /** `length` comes from the pickle and may be anything. */
  readBytes(length: number): Uint8Array {
    if (length < 0) throw malformed('Its pickle has a string of a negative length.')
    const at = this.#advance(length)
    return this.#bytes.subarray(at, at + length)
  }

  readText(length: number): string {
    if (length > pickleLimits.textBytesMax) throw tooLarge(`a text of ${length} bytes`)
    return decodeText(this.readBytes(length))
  }

  /** Up to the next line feed, without it. */
  readLine(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    if (end < 0) throw breaksOff()
    if (end - this.#at > pickleLimits.lineBytesMax) throw tooLarge('a line of text without an end')
    const line = this.#bytes.subarray(this.#at, end)
    this.#at = end + 1
    return decodeText(line)
  }

  push(node: PickleNode): void {
    this.stack.push(node)
  }

  pop(): PickleNode {
    if (this.stack.length <= (this.#marks.at(-1) ?? 0))
      throw malformed('Its pickle takes more from the stack than there is.')
    return this.stack.pop() ?? null
  }

  /** The node on top of the stack, which stays there. */
  peek(): PickleNode {
    if (this.stack.length <= (this.#marks.at(-1) ?? 0))
      throw malformed('Its pickle looks for something on an empty stack.')
    return this.stack.at(-1) ?? null
  }

  mark(): void {
    this.#marks.push(this.stack.length)
  }

  /** Whether something lies on top of the last mark. */
  get isAboveMark(): boolean {
    return this.stack.length > (this.#marks.at(-1) ?? 0)
  }

  /** Takes away what lies on top of the last mark, and the mark. */
  popToMark(): PickleNode[] {
    const height = this.#marks.pop()
    if (height === undefined) throw malformed('Its pickle goes back to a mark that was never set.')
    return this.stack.splice(height)
  }

  get markCount(): number {
    return this.#marks.length
  }

  remember(key: number, node: PickleNode): void {
    this.#memo.set(key, node)
    if (this.#memo.size > pickleLimits.memoMax) throw tooLarge(`a memo of more than ${pickleLimits.memoMax} things`)
  }

  recall(key: number): PickleNode {
    const node = this.#memo.get(key)
    if (node === undefined) throw malformed('Its pickle refers to something that it never had.')
    return node
  }

  get memoSize(): number {
    return this.#memo.size
  }

  noteGlobal(path: string, { isCalled }: { isCalled: boolean }): void {
    const known = this.globals.get(path)
    if (known !== undefined) known.isCalled ||= isCalled
    else if (this.globals.size < pickleLimits.globalsMax) this.globals.set(path, { isCalled })
    else throw tooLarge(`more than ${pickleLimits.globalsMax} names of classes and functions`)
  }

  #advance(count: number): number {
    const at = this.#at
    if (at + count > this.#bytes.length) throw breaksOff()
    this.#at = at + count
    return at
  }
}

/** Bytes as the text that they are; what is no UTF-8 gets a mark for it, since it only ever becomes a name. */
function decodeText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

export function tooLarge(what: string): TensorFileError {
  return new TensorFileError('tooLarge', `Its pickle has ${what}; none that is honest has.`)
}

/** A number that stands in a pickle as text. */
export function readIntegerText(text: string): PickleNode {
  const digits = text.replace(/L$/, '').trim()
  if (!/^[+-]?\d{1,80}$/.test(digits)) throw malformed(`Its pickle has ${quote(text)} where a whole number should be.`)
  const value = Number(digits)
  return Number.isSafeInteger(value) ? value : BigInt(digits.replace(/^\+/, ''))
}

function breaksOff(): TensorFileError {
  return new TensorFileError('torn', 'Its pickle breaks off.')
}
