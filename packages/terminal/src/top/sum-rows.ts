import type { TopRow } from './top-state.ts'

/** In one currency; two are never added. */
export type MoneySum = {
  currency: string
  cost: number
  /** A part of it is not billed yet. */
  isEstimate: boolean
  perHour: number
  /** Rows that cost by the hour now. */
  paid: number
}

export type RowsSum = {
  total: number
  active: number
  errors: number
  /** Means over those active rows that say it, %. */
  gpuUse: number | null
  memoryUse: number | null
  money: readonly MoneySum[]
}

/** What many rows come to. */
export function sumRows(rows: readonly TopRow[]): RowsSum {
  const active = rows.filter(({ isActive }) => isActive)
  return {
    total: rows.length,
    active: active.length,
    errors: rows.filter(({ isError }) => isError).length,
    gpuUse: takeMean(active.map(({ gpuUse }) => gpuUse)),
    memoryUse: takeMean(active.map(({ memoryUse }) => memoryUse)),
    money: sumMoney(rows),
  }
}

function sumMoney(rows: readonly TopRow[]): MoneySum[] {
  const sums = new Map<string, MoneySum>()
  for (const { currency, cost, costIs, perHour, isActive } of rows) {
    if (currency === null || (cost === null && perHour === null)) continue
    const sum = sums.get(currency) ?? { currency, cost: 0, isEstimate: false, perHour: 0, paid: 0 }
    const paid = isActive && perHour !== null
    sums.set(currency, {
      currency,
      cost: sum.cost + (cost ?? 0),
      isEstimate: sum.isEstimate || (cost !== null && costIs === 'estimate'),
      perHour: sum.perHour + (paid ? perHour : 0),
      paid: sum.paid + Number(paid),
    })
  }
  return [...sums.values()]
}

function takeMean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}
