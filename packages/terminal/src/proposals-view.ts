import type { Proposal } from '@pilothouse/contract'
import { describeSchedule, formatRelativeTime, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { type Cell, type Column, viewTable } from './table.ts'

const columns: readonly Column[] = [
  { title: 'ID', align: 'right' },
  { title: 'CHANGE', elastic: true },
  { title: 'STATE' },
  { title: 'BY' },
  { title: 'PROPOSED', align: 'right' },
  { title: 'WHY', elastic: true },
]

/** Changes that wait for an admin, and those that are decided. */
export function viewProposals(
  proposals: readonly Proposal[],
  { paint, width, now }: { paint: Paint; width: number; now: number },
): string[] {
  if (proposals.length === 0) return ['Nothing waits for an admin.']
  const rows = proposals.map((one) => viewRow(one, now))
  const [head = '', ...lines] = viewTable(columns, rows, width)
  return [paint('dim', head), ...lines]
}

function viewRow(proposal: Proposal, now: number): Cell[] {
  const { id, by, state, createdAt, note, reason, decidedBy } = proposal
  const decided = decidedBy === null || decidedBy.id === by.id ? state : `${state} by ${decidedBy.name}`
  return [
    { text: String(id) },
    { text: sanitizeForTerminal(describeChange(proposal)) },
    { text: sanitizeForTerminal(decided) },
    { text: sanitizeForTerminal(by.name) },
    { text: formatRelativeTime(createdAt, now) },
    { text: sanitizeForTerminal([note, reason].filter(Boolean).join(' · ')) },
  ]
}

/** How it stands with one, in a sentence. */
export function viewProposed(proposal: Proposal): string {
  const { id, state, reason, command } = proposal
  const what = sanitizeForTerminal(describeChange(proposal))
  switch (state) {
    case 'open':
      return `${what}: proposed (proposal ${id}), waits for approval by an admin.`
    case 'approved':
      return `${what}: approved, as command ${command ?? '–'}.`
    case 'declined':
    case 'withdrawn':
    case 'replaced':
    case 'expired':
      return `${what}: ${state}.${reason === null ? '' : ` ${sanitizeForTerminal(reason)}`}`
    default:
      return state satisfies never
  }
}

function describeChange(proposal: Proposal): string {
  if (proposal.kind === 'schedule') return `Schedule: ${describeSchedule(proposal.schedule)}`
  return `${proposal.key}: ${String(proposal.old)} → ${String(proposal.value)}`
}
