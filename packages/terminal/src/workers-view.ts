import type { LaunchedWorker } from '@pilothouse/contract'
import { sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { stateStyles } from './state-style.ts'
import { type Column, viewTable } from './table.ts'

type View = { paint: Paint; width: number }

const columns: readonly Column[] = [
  { title: 'WORKER' },
  { title: 'STATE' },
  { title: 'TARGET' },
  { title: 'JOB' },
  { title: 'FINDS THIS AT', elastic: true },
]

/** Workers that were launched from here as a table, with what is wrong below it. */
export function viewWorkers(workers: readonly LaunchedWorker[], { paint, width }: View): string[] {
  if (workers.length === 0)
    return ['No worker that was launched from here runs: «pilothouse workers start» starts some.']
  const rows = workers.map(({ name, state, target, jobUid, url }) =>
    [name, state ?? 'deleted', target, jobUid, url].map((text, at) => ({
      text: sanitizeForTerminal(text),
      ...(at === 1 && state !== null ? { paint: (word: string) => paint(stateStyles[state].style, word) } : {}),
    })),
  )
  const [head = '', ...lines] = viewTable(columns, rows, width)
  const troubles = new Set(
    workers.flatMap(({ target, trouble }) => (trouble === null ? [] : [`${target}: ${trouble}`])),
  )
  return [paint('dim', head), ...lines, ...[...troubles].map((line) => paint('yellow', sanitizeForTerminal(line)))]
}
