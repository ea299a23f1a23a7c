import type { CheckpointAdvice, CheckpointPolicy, PolicyAnswer } from '@pilothouse/contract'
import { formatCount, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { type Cell, type Column, viewTable } from './table.ts'

const columns: readonly Column[] = [
  { title: 'ID', align: 'right' },
  { title: 'NAME', elastic: true },
  { title: 'STEP', align: 'right' },
  { title: 'STAYS' },
  { title: 'WHY', elastic: true },
]

/** The rules by which checkpoints stay, and what they make of each; `isTried`: they are not in force. */
export function viewRules(
  { policy, decisions }: PolicyAnswer,
  { paint, width, isTried }: { paint: Paint; width: number; isTried: boolean },
): string[] {
  const words = sanitizeForTerminal(describeRules(policy))
  if (decisions.length === 0) return [words, 'This job has no checkpoints.']
  const rows = decisions.map(({ id, name, step, keep, words: why }): Cell[] => [
    { text: String(id) },
    { text: sanitizeForTerminal(name) },
    { text: String(step) },
    { text: keep ? 'yes' : 'no' },
    { text: sanitizeForTerminal(why.join(', ')) },
  ])
  const [head = '', ...lines] = viewTable(columns, rows, width)
  const kept = decisions.filter(({ keep }) => keep).length
  const going = decisions.length - kept
  const goes = isTried ? 'would go; nothing has been changed' : 'go, and can be restored for ten minutes'
  const end = `${formatCount(kept)} stay${going === 0 ? '' : `, ${formatCount(going)} ${goes}`}`
  return [words, paint('dim', head), ...lines, paint('dim', end)]
}

function describeRules(policy: CheckpointPolicy | null): string {
  const { last, best, everySteps, kinds } = policy ?? {}
  const rules = [
    ...(last === undefined ? [] : [`the last ${formatCount(last)}`]),
    ...(best === undefined ? [] : [`the best ${formatCount(best.count)} by ${best.metric} (${best.goal})`]),
    ...(everySteps === undefined ? [] : [`one every ${formatCount(everySteps)} steps`]),
  ]
  if (rules.length === 0) return 'No rule: all checkpoints stay.'
  return `Stays: ${rules.join(', ')}${kinds === undefined ? '' : `; looked at: ${kinds.join(', ')}`}`
}

/** Whether it is worth while to write a checkpoint now, or to pin one. */
export function viewAdvice({ recommendations }: CheckpointAdvice): string[] {
  if (recommendations.length === 0) return ['Nothing speaks for a checkpoint now.']
  return recommendations.map(({ action, words }) => `${action}: ${sanitizeForTerminal(words)}`)
}
