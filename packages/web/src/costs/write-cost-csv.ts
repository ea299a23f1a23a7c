import type { CostHistory } from '@pilothouse/contract'

/** A history as a table for spreadsheets: a line for each group and part in which something was spent, and UTC times. Pure. */
export function writeCostCsv({ by, groups, starts }: CostHistory): string {
  const lines = groups.flatMap(({ name, currency, parts }) =>
    parts.flatMap((amount, at) => {
      const start = starts[at]
      if (currency === null || amount === 0 || start === undefined) return []
      return [[new Date(start).toISOString(), name ?? '', currency, amount.toFixed(6)].map(quote).join(',')]
    }),
  )
  return [`from,${by},currency,amount`, ...lines, ''].join('\r\n')
}

/** A spreadsheet takes what begins like a formula for one: an apostrophe keeps it text. */
function quote(text: string): string {
  const harmless = /^[=+\-@\t]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
