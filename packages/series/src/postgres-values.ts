/**
 * Values on their way to PostgreSQL and back. Parameters with bytes go in binary form; answers come as text, because `pg`
 * reads nothing else: bytes as hex, which costs about 2 ms a megabyte.
 */
import { PilothouseError } from '@pilothouse/contract'
import { toStorableText } from './storable-text.ts'
import type { SqlValue } from './types.ts'

/** Types by their number in PostgreSQL's catalogue, which never changes. */
const oids = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, float4: 700, float8: 701, numeric: 1700 } as const

/** What `pg` asks for each column of an answer. */
export function getParser(oid: number): (text: string) => SqlValue {
  switch (oid) {
    case oids.bool:
      return (text) => (text === 't' ? 1 : 0)
    case oids.bytea:
      return readBytes
    case oids.int8:
      return readInt8
    case oids.int2:
    case oids.int4:
    case oids.float4:
    case oids.float8:
    case oids.numeric:
      return Number
    default:
      return (text) => text
  }
}

/** `\x` and two digits a byte. */
function readBytes(text: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = Buffer.from(text.slice(2), 'hex')
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function readInt8(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number)) return number
  throw new PilothouseError('internal', `The whole number ${text} in the database is too large to be exact.`)
}

/** A parameter in the form that `pg` sends: text, or bytes in binary form. */
export function bindValue(value: unknown): string | Buffer | null {
  if (value === null) return null
  if (typeof value === 'string') return toStorableText(value)
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const what = value === undefined ? 'missing value' : Object.prototype.toString.call(value)
  throw new TypeError(`A ${what} cannot be bound to a statement.`)
}

/** The placeholders `?` as PostgreSQL counts them. Our statements have none within a text. */
export function numberPlaceholders(sql: string): string {
  let number = 0
  return sql.replace(/\?/g, () => `$${(number += 1)}`)
}
