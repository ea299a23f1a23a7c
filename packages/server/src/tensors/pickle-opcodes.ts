/**
 * The opcodes of pickle, protocols 0 to 5, as `pickletools` of Python documents them. Each changes the machine; those
 * that would import or call something leave a record of it instead.
 */
import {
  PickleBytes,
  PickleDict,
  PickleGlobal,
  PickleList,
  type PickleNode,
  PickleObject,
  PicklePersistent,
  PickleSet,
  PickleTuple,
} from './pickle-nodes.ts'
import { type PickleMachine, pickleLimits, readIntegerText, tooLarge } from './pickle-machine.ts'
import { malformed, quote, TensorFileError } from './tensor-file-error.ts'

type Opcode = (machine: PickleMachine) => void

const numbers: Readonly<Record<string, Opcode>> = {
  N: (machine) => machine.push(null),
  '\x88': (machine) => machine.push(true),
  '\x89': (machine) => machine.push(false),
  I: (machine) => machine.push(readIntLine(machine.readLine())),
  L: (machine) => machine.push(readIntegerText(machine.readLine())),
  J: (machine) => machine.push(machine.readInt32()),
  K: (machine) => machine.push(machine.readUint8()),
  M: (machine) => machine.push(machine.readUint16()),
  '\x8a': (machine) => machine.push(readLong(machine, machine.readUint8())),
  '\x8b': (machine) => machine.push(readLong(machine, machine.readInt32())),
  F: (machine) => machine.push(readFloatLine(machine.readLine())),
  G: (machine) => machine.push(machine.readFloat64()),
}

const texts: Readonly<Record<string, Opcode>> = {
  S: (machine) => machine.push(readQuoted(machine.readLine())),
  T: (machine) => machine.push(machine.readText(machine.readInt32())),
  U: (machine) => machine.push(machine.readText(machine.readUint8())),
  V: (machine) => machine.push(machine.readLine()),
  X: (machine) => machine.push(machine.readText(machine.readUint32())),
  '\x8c': (machine) => machine.push(machine.readText(machine.readUint8())),
  '\x8d': (machine) => machine.push(machine.readText(machine.readLength())),
  B: (machine) => machine.push(new PickleBytes(machine.readBytes(machine.readUint32()))),
  C: (machine) => machine.push(new PickleBytes(machine.readBytes(machine.readUint8()))),
  '\x8e': (machine) => machine.push(new PickleBytes(machine.readBytes(machine.readLength()))),
  '\x96': (machine) => machine.push(new PickleBytes(machine.readBytes(machine.readLength()))),
}

const containers: Readonly<Record<string, Opcode>> = {
  ']': (machine) => machine.push(new PickleList()),
  l: (machine) => machine.push(fillList(new PickleList(), machine.popToMark())),
  ')': (machine) => machine.push(new PickleTuple([])),
  t: (machine) => machine.push(new PickleTuple(machine.popToMark())),
  '\x85': (machine) => machine.push(new PickleTuple(popMany(machine, 1))),
  '\x86': (machine) => machine.push(new PickleTuple(popMany(machine, 2))),
  '\x87': (machine) => machine.push(new PickleTuple(popMany(machine, 3))),
  '}': (machine) => machine.push(new PickleDict()),
  d: (machine) => {
    const items = machine.popToMark()
    machine.push(fillDict(new PickleDict(), items))
  },
  '\x8f': (machine) => machine.push(new PickleSet()),
  '\x91': (machine) => machine.push(new PickleSet(machine.popToMark())),
  a: (machine) => {
    const item = machine.pop()
    addItems(machine.peek(), [item])
  },
  e: (machine) => {
    const items = machine.popToMark()
    addItems(machine.peek(), items)
  },
  '\x90': (machine) => {
    const items = machine.popToMark()
    addItems(machine.peek(), items)
  },
  s: (machine) => {
    const pair = popMany(machine, 2)
    fillDict(machine.peek(), pair)
  },
  u: (machine) => {
    const pairs = machine.popToMark()
    fillDict(machine.peek(), pairs)
  },
}

const stack: Readonly<Record<string, Opcode>> = {
  '(': (machine) => machine.mark(),
  '0': (machine) => {
    // As Python has it: above nothing but a mark it takes the mark.
    if (machine.isAboveMark) machine.pop()
    else machine.popToMark()
  },
  '1': (machine) => void machine.popToMark(),
  '2': (machine) => machine.push(machine.peek()),
  g: (machine) => machine.push(machine.recall(readKey(machine.readLine()))),
  h: (machine) => machine.push(machine.recall(machine.readUint8())),
  j: (machine) => machine.push(machine.recall(machine.readUint32())),
  p: (machine) => machine.remember(readKey(machine.readLine()), machine.peek()),
  q: (machine) => machine.remember(machine.readUint8(), machine.peek()),
  r: (machine) => machine.remember(machine.readUint32(), machine.peek()),
  '\x94': (machine) => machine.remember(machine.memoSize, machine.peek()),
  '\x80': (machine) => {
    const protocol = machine.readUint8()
    if (protocol > 5)
      throw new TensorFileError('unsupported', `Its pickle is of protocol ${protocol}; 5 is the newest that is read.`)
  },
  '\x95': (machine) => void machine.readLength(),
  '\x98': () => undefined,
  '\x97': () => {
    throw new TensorFileError('unsupported', 'Its pickle has parts outside of itself.')
  },
}

const objects: Readonly<Record<string, Opcode>> = {
  c: (machine) => {
    const module = machine.readLine()
    machine.push(makeGlobal(machine, module, machine.readLine()))
  },
  '\x93': (machine) => {
    const [module, name] = popMany(machine, 2)
    if (typeof module !== 'string' || typeof name !== 'string')
      throw malformed('Its pickle imports something without a name.')
    machine.push(makeGlobal(machine, module, name))
  },
  '\x82': (machine) => machine.push(makeExtension(machine, machine.readUint8())),
  '\x83': (machine) => machine.push(makeExtension(machine, machine.readUint16())),
  '\x84': (machine) => machine.push(makeExtension(machine, machine.readInt32())),
  R: (machine) => {
    const [callee = null, args = null] = popMany(machine, 2)
    machine.push(makeObject(machine, callee, args))
  },
  '\x81': (machine) => {
    const [callee = null, args = null] = popMany(machine, 2)
    machine.push(makeObject(machine, callee, args))
  },
  '\x92': (machine) => {
    const [callee = null, args = null, words = null] = popMany(machine, 3)
    machine.push(makeObject(machine, callee, new PickleTuple([args, words])))
  },
  i: (machine) => {
    const module = machine.readLine()
    const callee = makeGlobal(machine, module, machine.readLine())
    machine.push(makeObject(machine, callee, new PickleTuple(machine.popToMark())))
  },
  o: (machine) => {
    const [callee = null, ...args] = machine.popToMark()
    machine.push(makeObject(machine, callee, new PickleTuple(args)))
  },
  b: (machine) => {
    const state = machine.pop()
    const target = machine.peek()
    if (target instanceof PickleObject) target.state = state
  },
  P: (machine) => machine.push(new PicklePersistent(machine.readLine())),
  Q: (machine) => machine.push(new PicklePersistent(machine.pop())),
}

/** By their byte; STOP, `.`, is the reader's. */
export const opcodes: ReadonlyMap<number, Opcode> = new Map(
  [numbers, texts, containers, stack, objects].flatMap((group) =>
    Object.entries(group).map(([sign, opcode]) => [sign.charCodeAt(0), opcode] as const),
  ),
)

function popMany(machine: PickleMachine, count: number): PickleNode[] {
  return Array.from({ length: count }, () => machine.pop()).toReversed()
}

function fillList(list: PickleList, items: readonly PickleNode[]): PickleList {
  for (const item of items) list.items.push(item)
  return list
}

function addItems(target: PickleNode, items: readonly PickleNode[]): void {
  if (!(target instanceof PickleList || target instanceof PickleSet || target instanceof PickleObject))
    throw malformed('Its pickle appends to something that is no list.')
  for (const item of items) target.items.push(item)
}

function fillDict<Target extends PickleNode>(target: Target, items: readonly PickleNode[]): Target {
  if (!(target instanceof PickleDict || target instanceof PickleObject))
    throw malformed('Its pickle sets keys of something that has none.')
  if (items.length % 2 === 1) throw malformed('Its pickle sets a key without a value.')
  for (let at = 0; at < items.length; at += 2) target.entries.push([items[at] ?? null, items[at + 1] ?? null])
  return target
}

function makeGlobal(machine: PickleMachine, module: string, name: string): PickleGlobal {
  const path = `${module}.${name}`
  if (path.length > 500) throw tooLarge('a name of a class or function of more than 500 characters')
  machine.noteGlobal(path, { isCalled: false })
  return new PickleGlobal(path)
}

/** A class by a number that only the writer's registry knows. */
function makeExtension(machine: PickleMachine, code: number): PickleGlobal {
  return makeGlobal(machine, 'copyreg', `extension ${code}`)
}

function makeObject(machine: PickleMachine, callee: PickleNode, args: PickleNode): PickleObject {
  // What is handed to a call may be called by it: several functions of PyTorch do no more than that.
  const handed = args instanceof PickleTuple ? args.items : []
  for (const node of [callee, ...handed])
    if (node instanceof PickleGlobal) machine.noteGlobal(node.path, { isCalled: true })
  return new PickleObject(callee, args)
}

/** `01` and `00` are how protocol 0 writes yes and no. */
function readIntLine(text: string): PickleNode {
  if (text === '01') return true
  return text === '00' ? false : readIntegerText(text)
}

function readFloatLine(text: string): number {
  const word = text.trim()
  if (/^[+-]?nan$/i.test(word)) return Number.NaN
  if (/^[+-]?inf$/i.test(word)) return word.startsWith('-') ? -Infinity : Infinity
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word))
    throw malformed(`Its pickle has ${quote(text)} where a number should be.`)
  return Number(word)
}

function readKey(text: string): number {
  const key = readIntegerText(text)
  if (typeof key !== 'number' || key < 0) throw malformed('Its pickle has a memo key that is none.')
  return key
}

function readQuoted(text: string): string {
  const sign = text.charAt(0)
  if (text.length < 2 || (sign !== "'" && sign !== '"') || !text.endsWith(sign))
    throw malformed('Its pickle has a text without quotes.')
  return text.slice(1, -1)
}

/** Two's complement, little-endian. */
function readLong(machine: PickleMachine, length: number): PickleNode {
  const bytes = machine.readBytes(length)
  if (length > pickleLimits.integerBytesMax) throw tooLarge(`a whole number of ${length} bytes`)
  const unsigned = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
  const value = BigInt.asIntN(8 * Math.max(1, length), unsigned)
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}
