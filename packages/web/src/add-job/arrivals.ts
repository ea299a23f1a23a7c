import type { JobCard } from '@pilothouse/contract'

/** Clocks of reporters are measured to about this, ms. */
const slackMs = 2_000
/** What is shown of those that arrived. */
export const arrivalsShownMax = 4

export type Arrivals = { jobs: JobCard[]; total: number }
export const noArrivals: Arrivals = { jobs: [], total: 0 }

/**
 * Adds cards of jobs that came after the sheet was opened: made since, or long over and never seen before, which is how
 * imported ones look. The newest stand first.
 */
export function addArrivals(
  { jobs, total }: Arrivals,
  cards: readonly JobCard[],
  since: { openedAt: number; known: ReadonlySet<string>; seen: Set<string> },
): Arrivals {
  const updates = new Map(cards.map((card) => [card.uid, card]))
  const fresh = cards.filter((card) => !since.seen.has(card.uid) && isArrival(card, since))
  for (const { uid } of fresh) since.seen.add(uid)
  const kept = jobs.map((card) => updates.get(card.uid) ?? card)
  return { jobs: [...fresh.reverse(), ...kept].slice(0, arrivalsShownMax), total: total + fresh.length }
}

function isArrival(card: JobCard, { openedAt, known }: { openedAt: number; known: ReadonlySet<string> }): boolean {
  if (known.has(card.uid)) return false
  const isImported = card.endedAt !== null && card.endedAt < openedAt - slackMs
  return card.createdAt >= openedAt - slackMs || isImported
}
