import type { Serving, ServingState } from '@pilothouse/contract'
import { formatDuration, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint, PaintStyle } from './paint.ts'
import { type Column, viewTable } from './table.ts'

type View = { paint: Paint; width: number; now: number }

const columns: readonly Column[] = [
  { title: 'ENGINE' },
  { title: 'STATE' },
  { title: 'AGE', align: 'right' },
  { title: 'TARGET' },
  { title: 'JOB' },
  { title: 'MODEL', elastic: true },
]
const styles: Readonly<Record<ServingState, { sign: string; style: PaintStyle }>> = {
  starting: { sign: '◌', style: 'yellow' },
  ready: { sign: '●', style: 'green' },
  stopping: { sign: '◌', style: 'dim' },
  stopped: { sign: '○', style: 'dim' },
  failed: { sign: '✗', style: 'red' },
}

/** Engines that were started from here as a table, with what is said of each below it. */
export function viewServings(servings: readonly Serving[], { paint, width, now }: View): string[] {
  if (servings.length === 0) return ['No engine was started from here: «pilothouse engines start NAME» starts one.']
  const rows = servings.map(({ name, state, createdAt, target, jobUid, source }) => {
    const { sign, style } = styles[state]
    const age = formatDuration(Math.max(0, now - createdAt))
    return [name, `${sign} ${state}`, age, target, jobUid, source.path].map((text, at) => ({
      text: sanitizeForTerminal(text),
      ...(at === 1 ? { paint: (word: string) => paint(style, word) } : {}),
    }))
  })
  const [head = '', ...lines] = viewTable(columns, rows, width)
  const troubles = servings.flatMap(({ name, trouble }) => (trouble === null ? [] : [`${name}: ${trouble}`]))
  return [paint('dim', head), ...lines, ...troubles.map((trouble) => paint('dim', sanitizeForTerminal(trouble)))]
}

/** One of them, in words. */
export function viewServing({ name, state, source, target, jobUid, trouble }: Serving, { paint }: View): string[] {
  const { sign, style } = styles[state]
  const lines = [`${source.path} as job ${jobUid} on ${target}`, ...(trouble === null ? [] : [trouble])]
  return [
    `${paint(style, `${sign} ${state}`)} ${sanitizeForTerminal(name)}`,
    ...lines.map((line) => `  ${sanitizeForTerminal(line)}`),
  ]
}
