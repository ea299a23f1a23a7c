import type { JobError, LogBlock } from '@pilothouse/contract'
import { FieldPicker } from './field-picker.ts'
import { isObject, readName, readText, type ValueReader } from './value-readers.ts'

/** Why it failed: a text, or an object of which nothing is left out. */
export function readError(picker: FieldPicker): JobError | undefined {
  const names = ['error', 'error_details', 'error_message', 'failure_reason', 'failure']
  const reader: ValueReader<JobError> = {
    expected: 'a text, or an object with a message',
    read: (value) => {
      if (typeof value === 'string') return { type: 'error', message: value.slice(0, 60_000) }
      if (!isObject(value)) return undefined
      const parts = new FieldPicker(value, { place: '' })
      const message = parts.take(['message', 'error', 'reason', 'description', 'detail'], readText)
      const type = parts.take(['type', 'error_type', 'code', 'name'], readName) ?? 'error'
      const traceback = parts.take(['traceback', 'stack', 'stack_trace', 'diagnostics'], readText)
      const rest = Object.entries(parts.rest()).map(
        ([name, one]) => `${name}: ${typeof one === 'string' ? one : JSON.stringify(one)}`,
      )
      const text = [message ?? type, ...rest].join('\n').slice(0, 60_000)
      return { type, message: text, ...(traceback === undefined ? {} : { traceback }) }
    },
  }
  return picker.take(names, reader)
}

/** Lines without a time of their own have that of the end. */
export function readLogs(picker: FieldPicker, at: number): LogBlock[] {
  const reader: ValueReader<string[]> = {
    expected: 'a text, or a list of lines',
    read: (value) => {
      if (typeof value === 'string') return value.split(/\r?\n/)
      if (!Array.isArray(value)) return undefined
      return value.map((line: unknown) => readLine(line))
    },
  }
  const lines = picker.take(['logs', 'log', 'output'], reader) ?? []
  return lines.length === 0 ? [] : [{ stream: 'stdout', times: lines.map(() => at), lines }]
}

function readLine(line: unknown): string {
  if (typeof line === 'string') return line
  const message: unknown = isObject(line) ? line['message'] : undefined
  return typeof message === 'string' ? message : JSON.stringify(line)
}
