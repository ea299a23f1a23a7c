/** Walks what a pickle describes and lists its tensors and small values under dotted names, within bounds. */
import type { StoredValue } from '@pilothouse/contract'
import { mappings, numpyArrays, numpyScalars, wrappers } from './known-globals.ts'
import { readNumpyScalar } from './numpy-scalar.ts'
import {
  PickleBytes,
  PickleDict,
  PickleGlobal,
  PickleList,
  type PickleNode,
  PickleObject,
  PickleSet,
  PickleTuple,
} from './pickle-nodes.ts'
import { catalogueLimits } from './tensor-catalogue.ts'
import { TensorFileError } from './tensor-file-error.ts'
import { itemsOf, nameOf, readTorchTensor, type TorchTensor } from './torch-tensor.ts'

export type PickledTensors = {
  tensors: (TorchTensor & { name: string })[]
  values: StoredValue[]
  valuesLeftOut: number
  /** NumPy arrays, which are not looked into. */
  arrays: number
}

export const walkLimits = {
  /** Things looked at. References that multiply each other reach it within a tenth of a second. */
  visitsMax: 2_000_000,
  depthMax: 100,
  valuesMax: 2_000,
  textLengthMax: 200,
  /** Longer lists of numbers are no settings. */
  listLengthMax: 8,
} as const

/** Parts of a whole saved module that stand between the names of its layers. */
const modulePlumbing = new Set(['_modules', '_parameters', '_buffers'])

/**
 * Lists what is in it.
 * @throws TensorFileError `tooLarge` at a bound of `walkLimits`, `malformed` for a tensor that cannot be.
 */
export function listPickledTensors(root: PickleNode): PickledTensors {
  const walk = new Walk()
  walk.visit(root, '', 0)
  return walk.found
}

class Walk {
  readonly found: PickledTensors = { tensors: [], values: [], valuesLeftOut: 0, arrays: 0 }
  #visits = 0

  visit(node: PickleNode, name: string, depth: number): void {
    this.#visits += 1
    if (this.#visits > walkLimits.visitsMax) throw tooMuch(`more than ${walkLimits.visitsMax} things`)
    if (depth > walkLimits.depthMax) throw tooMuch(`lists within lists, ${walkLimits.depthMax} deep`)
    if (node instanceof PickleDict) this.#visitEntries(node.entries, name, depth)
    else if (node instanceof PickleList || node instanceof PickleTuple) this.#visitList(node.items, name, depth)
    else if (node instanceof PickleSet) this.#visitList(node.items, name, depth)
    else if (node instanceof PickleObject) this.#visitObject(node, name, depth)
    else if (node instanceof PickleGlobal) this.#addValue(name, node.path)
    else if (typeof node === 'bigint') this.#addValue(name, String(node))
    else if (node === null || typeof node !== 'object') this.#addValue(name, node)
  }

  #visitObject(node: PickleObject, name: string, depth: number): void {
    const tensor = readTorchTensor(node)
    if (tensor !== undefined) return this.#addTensor(tensor, name)
    const path = nameOf(node.callee)
    if (path !== undefined && numpyArrays.includes(path)) {
      this.found.arrays += 1
      return undefined
    }
    if (path !== undefined && numpyScalars.includes(path)) return this.#addValue(name, readNumpyScalar(node))
    if (path !== undefined && wrappers.includes(path)) return this.visit(unwrap(node, path), name, depth + 1)
    if (path === undefined || !mappings.includes(path)) {
      // Fields of an object of somebody's class. With slots they are the second of two.
      const states = node.state instanceof PickleTuple ? node.state.items : [node.state]
      for (const state of states) if (state instanceof PickleDict) this.visit(state, name, depth + 1)
    } else {
      const [first] = itemsOf(node.args)
      if (first instanceof PickleDict) this.#visitEntries(first.entries, name, depth)
      // Before Python 3 an OrderedDict was called with a list of pairs.
      for (const pair of itemsOf(first)) {
        const [key, value] = itemsOf(pair)
        if (key !== undefined && value !== undefined) this.#visitEntries([[key, value]], name, depth)
      }
    }
    this.#visitEntries(node.entries, name, depth)
    if (node.items.length > 0) this.#visitList(node.items, name, depth)
  }

  #visitEntries(entries: readonly [PickleNode, PickleNode][], name: string, depth: number): void {
    for (const [key, value] of entries) this.visit(value, joinName(name, nameKey(key)), depth + 1)
  }

  #visitList(items: readonly PickleNode[], name: string, depth: number): void {
    const text = writeList(items)
    if (text !== undefined) return this.#addValue(name, text)
    for (const [at, item] of items.entries()) {
      // Many numbers are data, such as the state of a generator, and no settings.
      if (typeof item === 'object' && item !== null) this.visit(item, joinName(name, String(at)), depth + 1)
    }
  }

  #addTensor(tensor: TorchTensor, name: string): void {
    if (this.found.tensors.length >= catalogueLimits.tensorsMax)
      throw tooMuch(`more than ${catalogueLimits.tensorsMax} tensors`)
    this.found.tensors.push({ ...tensor, name: name === '' ? 'tensor' : name })
  }

  #addValue(name: string, value: StoredValue['value']): void {
    if (value === null) return
    if (this.found.values.length >= walkLimits.valuesMax) {
      this.found.valuesLeftOut += 1
      return
    }
    const shown = typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
    const short = typeof shown === 'string' ? shown.slice(0, walkLimits.textLengthMax) : shown
    this.found.values.push({ name: name === '' ? 'value' : name, value: short })
  }
}

function tooMuch(what: string): TensorFileError {
  return new TensorFileError('tooLarge', `Its pickle describes ${what}; none that is honest does.`)
}

function unwrap(node: PickleObject, path: string): PickleNode {
  const args = itemsOf(node.args)
  // Paths are made of their parts, the first of which may be the root.
  if (path.startsWith('pathlib.'))
    return args
      .filter((part) => typeof part === 'string')
      .join('/')
      .replace(/^\/\//, '/')
  return args.length === 1 ? (args[0] ?? null) : node.args
}

function joinName(name: string, key: string): string {
  if (modulePlumbing.has(key)) return name
  return (name === '' ? key : `${name}.${key}`).slice(0, catalogueLimits.nameLengthMax)
}

function nameKey(key: PickleNode): string {
  if (typeof key === 'string') return key.slice(0, catalogueLimits.nameLengthMax)
  return writeScalar(key) ?? writeList(itemsOf(key)) ?? '?'
}

/** `[0.9, 0.999]`; undefined when it is long, or holds more than plain values. */
function writeList(items: readonly PickleNode[]): string | undefined {
  if (items.length === 0 || items.length > walkLimits.listLengthMax) return undefined
  const words = items.map(writeScalar)
  return words.includes(undefined) ? undefined : `[${words.join(', ')}]`
}

function writeScalar(node: PickleNode): string | undefined {
  if (node === null) return 'null'
  if (typeof node === 'object') return node instanceof PickleBytes ? `${node.bytes.length} bytes` : undefined
  return String(node).slice(0, walkLimits.textLengthMax)
}
