/**
 * What a rented machine has cost, as an estimate: its price times its time, from when it started. What it pays by the hour
 * changes when it stops, so time is summed up in spans of one price each. Charges of the provider, where it tells them,
 * take the place of the estimate up to their end.
 */
import type { Charge } from '@pilothouse/fleet'
import type { InstanceFacts } from '@pilothouse/contract'

export type MachineBill = {
  /** Of the spans that are over. */
  before: number
  /** The span under way: since when, ms, and at which price by the hour; null: nobody said. */
  since: number
  perHour: number | null
  charged: { amount: number; until: number } | null
}

const hourMs = 3_600_000
/** Charges that end so long ago still speak for all of it. */
const freshMs = hourMs

/** The bill of a machine that is seen for the first time. */
export function openBill(facts: InstanceFacts, now: number): MachineBill {
  const since = facts.startedAt === null ? now : Math.min(facts.startedAt, now)
  return { before: 0, since, perHour: priceNow(facts), charged: null }
}

/** Goes on at another price, where that has changed. */
export function followBill(bill: MachineBill, facts: InstanceFacts, now: number): MachineBill {
  const perHour = priceNow(facts)
  if (perHour === bill.perHour) return bill
  return { ...bill, before: bill.before + spanCost(bill, now), since: now, perHour }
}

/** Takes in what was billed for it. */
export function takeCharges(bill: MachineBill, charges: readonly Charge[]): MachineBill {
  if (charges.length === 0) return bill
  const amount = charges.reduce((sum, charge) => sum + charge.amount, 0)
  return { ...bill, charged: { amount, until: Math.max(...charges.map(({ until }) => until)) } }
}

/** Up to now; null while nobody named a price. */
export function readBill(bill: MachineBill, now: number): { cost: number | null; costIs: 'estimate' | 'charged' } {
  const { charged, perHour } = bill
  if (charged !== null) {
    const since = Math.max(0, now - charged.until)
    const rest = ((perHour ?? 0) * since) / hourMs
    return { cost: charged.amount + rest, costIs: since < freshMs ? 'charged' : 'estimate' }
  }
  const isKnown = perHour !== null || bill.before > 0
  return { cost: isKnown ? bill.before + spanCost(bill, now) : null, costIs: 'estimate' }
}

/** What it pays by the hour as it stands now: loading is free, and one that is stopped pays for its disk. */
export function priceNow({ status, perHour, storagePerHour }: InstanceFacts): number | null {
  switch (status) {
    case 'running':
    case 'unknown':
      return perHour
    case 'created':
    case 'loading':
    case 'gone':
      return 0
    case 'stopped':
    case 'exited':
    case 'offline':
      return storagePerHour
    default:
      return status satisfies never
  }
}

/** A clock that was set back makes no money. */
function spanCost({ since, perHour }: MachineBill, now: number): number {
  return ((perHour ?? 0) * Math.max(0, now - since)) / hourMs
}
