import type { Alert, AlertPage } from '@pilothouse/contract'
import { formatRelativeTime, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint, PaintStyle } from './paint.ts'
import { type Cell, type Column, viewTable } from './table.ts'

const columns: readonly Column[] = [
  { title: 'ID', align: 'right' },
  { title: 'LEVEL' },
  { title: 'STATUS' },
  { title: 'SINCE', align: 'right' },
  { title: 'JOB' },
  { title: 'WHAT', elastic: true },
]

/** A sign beside the word, so that nothing depends on colour. */
const levels: Record<Alert['level'], { sign: string; style: PaintStyle }> = {
  error: { sign: '✗', style: 'red' },
  warning: { sign: '!', style: 'yellow' },
  info: { sign: '·', style: 'dim' },
}

/** Alerts as a table, newest first, and below it how many there are besides. */
export function viewAlerts(
  { alerts, next, open }: AlertPage,
  { paint, width, now }: { paint: Paint; width: number; now: number },
): string[] {
  if (alerts.length === 0) return ['Nothing needs you.']
  const [head = '', ...lines] = viewTable(
    columns,
    alerts.map((alert) => viewRow(alert, paint, now)),
    width,
  )
  const count = `${open.raised} raised, ${open.acknowledged} acknowledged`
  return [paint('dim', head), ...lines, paint('dim', next === null ? count : `${count}; --limit shows more`)]
}

function viewRow({ id, level, status, time, job, title, text }: Alert, paint: Paint, now: number): Cell[] {
  const { sign, style } = levels[level]
  const what = text === '' ? title : `${title}: ${text.split('\n', 1)[0] ?? ''}`
  return [
    { text: String(id) },
    { text: `${sign} ${level}`, paint: (word) => paint(style, word) },
    { text: status },
    { text: formatRelativeTime(time, now) },
    { text: sanitizeForTerminal(job.uid) },
    { text: sanitizeForTerminal(what) },
  ]
}
