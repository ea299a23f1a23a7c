/** The joined table as a file. Pure. */
import type { JoinedRow } from './join-results.ts'

/** Spreadsheets take a text that begins so for a formula. */
const formulaStart = /^[=+\-@\t\r]/

/** A line a row: the id, then text, state and tokens of each source (RFC 4180). */
export function writeCsv(rows: readonly JoinedRow[], names: readonly string[]): string {
  const head = ['custom_id', ...names.flatMap((name) => [name, `${name} state`, `${name} tokens out`])]
  const lines = rows.map(({ customId, cells }) => [
    customId,
    ...cells.flatMap((cell) =>
      cell ? [cell.text, cell.kind, cell.tokens === null ? '' : String(cell.tokens.output)] : ['', 'none', ''],
    ),
  ])
  return [head, ...lines].map((fields) => fields.map(quote).join(',')).join('\r\n') + '\r\n'
}

/** An object a row, with the sources under their names. */
export function writeJsonl(rows: readonly JoinedRow[], names: readonly string[]): string {
  return rows
    .map(({ customId, cells, isDifferent }) => {
      const results = names.map((name, at): [string, unknown] => {
        const cell = cells[at]
        return [name, cell ? { kind: cell.kind, text: cell.text, tokens: cell.tokens, status: cell.status } : null]
      })
      return `${JSON.stringify({ custom_id: customId, different: isDifferent, results: Object.fromEntries<unknown>(results) })}\n`
    })
    .join('')
}

function quote(field: string): string {
  const safe = formulaStart.test(field) ? `'${field}` : field
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
