import { PickleBytes, type PickleNode, PickleObject } from './pickle-nodes.ts'
import { itemsOf, nameOf } from './torch-tensor.ts'

const readers: Readonly<Record<string, (view: DataView) => number>> = {
  f8: (view) => view.getFloat64(0, true),
  f4: (view) => view.getFloat32(0, true),
  i8: (view) => Number(view.getBigInt64(0, true)),
  i4: (view) => view.getInt32(0, true),
}

/**
 * A number that NumPy wrote, `scalar(dtype('f8', …), bytes)`; null for one of another kind. Little-endian, as all
 * current machines.
 */
export function readNumpyScalar({ args }: PickleObject): number | null {
  const [dtype, content] = itemsOf(args)
  const word = dtype instanceof PickleObject ? itemsOf(dtype.args)[0] : undefined
  const reader = typeof word === 'string' && Object.hasOwn(readers, word) ? readers[word] : undefined
  const bytes = readBytes(content)
  if (reader === undefined || typeof word !== 'string' || bytes?.length !== Number(word.slice(1))) return null
  return reader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}

/** Up to protocol 2 bytes are written as a text of characters up to 255, to be encoded. */
function readBytes(node: PickleNode | undefined): Uint8Array | undefined {
  if (node instanceof PickleBytes) return node.bytes
  if (!(node instanceof PickleObject) || nameOf(node.callee) !== '_codecs.encode') return undefined
  const [text] = itemsOf(node.args)
  return typeof text === 'string' && text.length <= 16 ? Uint8Array.from(text, (sign) => sign.charCodeAt(0)) : undefined
}
