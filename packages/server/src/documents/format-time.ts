/** `2026-03-01 14:05`, in UTC: a document is read elsewhere. `–` for what is no time. */
export function formatMinute(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? '–' : date.toISOString().slice(0, 16).replace('T', ' ')
}
