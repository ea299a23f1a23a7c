/**
 * The records that loading would make tensors of, as `torch._utils` of PyTorch (since 1.6) writes them:
 * `_rebuild_tensor_v2(storage, offset, size, stride, …)`, `_rebuild_tensor_v3(…, dtype)` where the storage is bytes
 * only, and a storage as the persistent id `('storage', class, key, location, numel)`.
 */
import type { TensorDtype } from '@pilothouse/contract'
import { countElements, elementBytes } from './element-size.ts'
import {
  otherTensors,
  parameters,
  plainTensors,
  storageDtypes,
  subclasses,
  torchDtypes,
  typedStorage,
  untypedStorage,
} from './known-globals.ts'
import {
  PickleDict,
  PickleGlobal,
  PickleList,
  type PickleNode,
  PickleObject,
  PicklePersistent,
  PickleTuple,
} from './pickle-nodes.ts'
import { catalogueLimits, measureExtent } from './tensor-catalogue.ts'
import { malformed, quote } from './tensor-file-error.ts'

/** A tensor by the key of its storage; without one for a kind that is not looked into. */
export type TorchTensor = {
  dtype: TensorDtype | null
  shape: readonly number[]
  count: number
  storage: { key: string; bytes: number; offset: number; strides: readonly number[] } | null
  note: string | null
}

/** A parameter around a subclass around a tensor; more is a knot made on purpose. */
const wrapsMax = 8

/**
 * The tensor that loading would make of this; undefined when it is none.
 * @throws TensorFileError `malformed` when it is one, and what is said of it cannot be.
 */
export function readTorchTensor(node: PickleObject): TorchTensor | undefined {
  let inner: PickleNode = node
  for (let wraps = 0; inner instanceof PickleObject && wraps < wrapsMax; wraps += 1) {
    const path = nameOf(inner.callee)
    const args = itemsOf(inner.args)
    if (path === undefined) return undefined
    if (plainTensors.includes(path)) return readPlain(path, args)
    const words = otherTensors.get(path)
    if (words !== undefined) return describeOther(path, args, words)
    if (parameters.includes(path)) inner = args[0] ?? null
    else if (subclasses.includes(path)) inner = new PickleObject(args[0] ?? null, args[2] ?? null)
    else return undefined
  }
  return undefined
}

export function nameOf(node: PickleNode): string | undefined {
  return node instanceof PickleGlobal ? node.path : undefined
}

/** What a tuple or list holds; nothing of all else. */
export function itemsOf(node: PickleNode | undefined): readonly PickleNode[] {
  return node instanceof PickleTuple || node instanceof PickleList ? node.items : []
}

function readPlain(path: string, args: readonly PickleNode[]): TorchTensor {
  const [storage, offset, size, stride] = args
  const isThird = path.endsWith('_v3')
  const shape = readSizes(size)
  const strides = readSizes(stride)
  const count = shape && countElements(shape)
  if (!shape || !strides || count === undefined || shape.length !== strides.length || !isCount(offset))
    throw malformed('It has a tensor without a shape.')
  const [kind, key, bytes] = readStorage(storage)
  const named = isThird ? args[6] : undefined
  const dtype = named === undefined ? storageDtypes.get(kind) : torchDtypes.get(nameOf(named) ?? '')
  const note = noteOf(dtype, named === undefined ? kind : (nameOf(named) ?? kind), args[isThird ? 7 : 6])
  if (dtype === undefined || note !== null) return { dtype: dtype ?? null, shape, count, storage: null, note }
  const lengthBytes = isUntyped(kind) ? bytes : bytes * elementBytes[dtype]
  const reach = (offset + measureExtent(shape, strides)) * elementBytes[dtype]
  if (!Number.isSafeInteger(reach) || (count > 0 && reach > lengthBytes))
    throw malformed(`A tensor of shape [${shape.join(', ')}] reaches beyond its storage ${quote(key)}.`)
  return { dtype, shape, count, storage: { key, bytes: lengthBytes, offset, strides }, note: null }
}

function isUntyped(kind: string): boolean {
  return kind === untypedStorage || kind === typedStorage || kind === 'torch.UntypedStorage'
}

/** Why a plain tensor is not looked into after all. `metadata` has bits that change how its elements are meant. */
function noteOf(dtype: TensorDtype | undefined, word: string, metadata: PickleNode | undefined): string | null {
  if (dtype === undefined) return `its dtype ${quote(word)} is not looked into`
  const isTurned =
    metadata instanceof PickleDict && metadata.entries.some(([key, value]) => key === 'neg' && value === true)
  return isTurned ? 'it is a view that turns the sign of another tensor, which is not looked into' : null
}

/** Class, key and length of a storage; the length in elements, or in bytes of one without a kind. */
function readStorage(node: PickleNode | undefined): [kind: string, key: string, length: number] {
  const [word, kind, key, , length] = node instanceof PicklePersistent ? itemsOf(node.id) : []
  const name = nameOf(kind ?? null)
  if (word === 'storage' && name !== undefined && typeof key === 'string' && isCount(length)) return [name, key, length]
  throw malformed('It has a tensor without a storage.')
}

function readSizes(node: PickleNode | undefined): number[] | undefined {
  const wrapped = node instanceof PickleObject && nameOf(node.callee) === 'torch.Size' ? itemsOf(node.args)[0] : node
  if (!(wrapped instanceof PickleTuple || wrapped instanceof PickleList)) return undefined
  const items = itemsOf(wrapped)
  if (items.length > catalogueLimits.dimensionsMax) return undefined
  const sizes = items.filter(isCount)
  return sizes.length === items.length ? sizes : undefined
}

function isCount(node: unknown): node is number {
  return typeof node === 'number' && Number.isSafeInteger(node) && node >= 0
}

/** Which argument holds the shape of a tensor that is not looked into. */
const shapeArguments: Readonly<Record<string, (args: readonly PickleNode[]) => PickleNode | undefined>> = {
  'torch._utils._rebuild_sparse_tensor': (args) => itemsOf(args[1])[2],
  'torch._utils._rebuild_qtensor': (args) => args[2],
  'torch._utils._rebuild_meta_tensor_no_storage': (args) => args[1],
  'torch._utils._rebuild_wrapper_subclass': (args) => args[2],
}

function describeOther(path: string, args: readonly PickleNode[], note: string): TorchTensor {
  const shape = readSizes(shapeArguments[path]?.(args)) ?? []
  const count = countElements(shape)
  if (count === undefined) throw malformed('It has a tensor without a shape.')
  return { dtype: null, shape, count: shape.length === 0 ? 0 : count, storage: null, note }
}
