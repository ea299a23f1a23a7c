import type { WandbKey } from '@pilothouse/contract'
import { sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { type Column, viewTable } from './table.ts'

const columns: readonly Column[] = [
  { title: 'SERVER' },
  { title: 'USER' },
  { title: 'FROM' },
  { title: 'STATUS', elastic: true },
]
const sources = { member: 'you', environment: 'WANDB_API_KEY', netrc: 'netrc file' } as const

/** Keys for Weights & Biases as a table. */
export function viewWandbKeys(keys: readonly WandbKey[], { paint, width }: { paint: Paint; width: number }): string[] {
  if (keys.length === 0) return ['No key for W&B: «pilothouse wandb login» gives one.']
  const rows = keys.map(({ baseUrl, user, source, fault }) =>
    [baseUrl, user ?? '–', sources[source], fault ?? (user === null ? 'not asked yet' : 'taken')].map((text) => ({
      text: sanitizeForTerminal(text),
    })),
  )
  const [head = '', ...lines] = viewTable(columns, rows, width)
  return [paint('dim', head), ...lines]
}
