import type { TensorDtype } from '@pilothouse/contract'

/** Bytes of one element. */
export const elementBytes: Readonly<Record<TensorDtype, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float8_e4m3: 1,
  float8_e5m2: 1,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint64: 8,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
  complex64: 8,
  complex128: 16,
}

/** Elements of a shape; undefined when that is no shape, or more than can be counted. */
export function countElements(shape: readonly number[]): number | undefined {
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0)) return undefined
  if (shape.includes(0)) return 0
  const count = shape.reduce((product, size) => product * size, 1)
  return Number.isSafeInteger(count) ? count : undefined
}
