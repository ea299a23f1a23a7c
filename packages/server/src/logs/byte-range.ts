/** The header `Range: bytes=…` with one range. Pure. */
export type ByteRange = { kind: 'all' } | { kind: 'part'; from: number; to: number } | { kind: 'unsatisfiable' }

/** Half-open bounds of what is asked for of `bytes` bytes. What is no single byte range is ignored, as RFC 9110 allows. */
export function readRange(header: string | undefined, bytes: number): ByteRange {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (!found) return { kind: 'all' }
  const [, first = '', last = ''] = found
  if (first === '' && last === '') return { kind: 'all' }
  const from = first === '' ? Math.max(0, bytes - Number(last)) : Number(first)
  const to = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return { kind: 'all' }
  return from >= bytes || from >= to ? { kind: 'unsatisfiable' } : { kind: 'part', from, to }
}
