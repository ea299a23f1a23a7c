/** A JSON schema in the short notation that people read: `{ uid: string, tags?: string[] }`. */
import type { JsonSchema } from './describe-api.ts'

/** Wider objects are broken into lines. */
const widthMax = 72

/** Writes `schema`, indented by `depth`. */
export function formatSchema(schema: JsonSchema, depth = 0): string {
  const options = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(options)) return joinOptions(options.map((option: JsonSchema) => formatSchema(option, depth)))
  if (Array.isArray(schema['enum'])) return joinOptions(schema['enum'].map((value) => JSON.stringify(value)))
  if (schema['const'] !== undefined) return JSON.stringify(schema['const'])
  const { type } = schema
  if (Array.isArray(type)) return joinOptions(type.map((one: string) => formatSchema({ ...schema, type: one }, depth)))
  if (type === 'array') return formatArray(schema, depth)
  if (type === 'object') return formatObject(schema, depth)
  return typeof type === 'string' ? type : 'any JSON'
}

function formatArray(schema: JsonSchema, depth: number): string {
  const items = formatSchema(asSchema(schema['items']), depth)
  return items.includes(' | ') && !items.startsWith('{') ? `(${items})[]` : `${items}[]`
}

function formatObject(schema: JsonSchema, depth: number): string {
  if (typeof schema['properties'] !== 'object' || schema['properties'] === null) {
    return `{ [name]: ${formatSchema(asSchema(schema['additionalProperties']), depth)} }`
  }
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : []
  const fields = Object.entries(schema['properties']).map(
    ([name, field]) => `${name}${required.includes(name) ? '' : '?'}: ${formatSchema(asSchema(field), depth + 1)}`,
  )
  const line = `{ ${fields.join(', ')} }`
  if (line.length <= widthMax && !line.includes('\n')) return line
  const indent = '  '.repeat(depth + 1)
  return `{\n${fields.map((field) => `${indent}${field}`).join('\n')}\n${'  '.repeat(depth)}}`
}

function joinOptions(options: string[]): string {
  return [...new Set(options)].join(' | ')
}

function asSchema(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : {} // a part of a JSON schema is one
}
