/** Kinds of elements that tensors of checkpoint files have, named as PyTorch names them. */
export const tensorDtypes = [
  'float64',
  'float32',
  'float16',
  'bfloat16',
  'float8_e4m3',
  'float8_e5m2',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint64',
  'uint32',
  'uint16',
  'uint8',
  'bool',
  'complex64',
  'complex128',
] as const
export type TensorDtype = (typeof tensorDtypes)[number]

/** What became of a tensor. `unread`: both have it, and at least one is of a kind that is not looked into. */
export const tensorChanges = ['same', 'changed', 'onlyA', 'onlyB', 'shape', 'unread'] as const
export type TensorChange = (typeof tensorChanges)[number]
