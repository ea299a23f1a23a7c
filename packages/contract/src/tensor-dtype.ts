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
