/** What something will have cost, by what it costs now: each answer says what it rests on. Pure. */

const hourMs = 3_600_000

export type Projection = {
  /** null: nobody can tell. */
  amount: number | null
  /** What it rests on, or why nobody can tell. */
  assumption: string
}

export type ProjectedJob = {
  /** So far, as of the same moment as `etaMs`. */
  amount: number
  /** 0 or less: nothing of it runs. */
  perHour: number
  /** Still to go; null: nobody knows. */
  etaMs: number | null
}

/** The cost of a job at its end. */
export function projectCost({ amount, perHour, etaMs }: ProjectedJob): Projection {
  if (!(perHour > 0)) return { amount, assumption: 'nothing of it runs, so nothing is added' }
  if (etaMs === null || !Number.isFinite(etaMs))
    return { amount: null, assumption: 'how long it still runs is not known' }
  const more = (perHour * Math.max(0, etaMs)) / hourMs
  return { amount: amount + more, assumption: 'estimate: its pace and its price stay as they are' }
}

export type ForecastInput = {
  spent: number
  /** Of what runs now. */
  perHour: number
  now: number
  /** End of the period, ms; null: it has none. */
  until: number | null
  budget: number
}
export type Forecast = {
  /** At the end of the period; null without one. */
  projected: number | null
  /** When the budget will be used up, within the period; null: it will not, or is already. */
  reachedAt: number | null
  assumption: string
}

/** A budget at the end of its period, in a straight line from what is spent by the rate of what runs now. */
export function forecastBudget({ spent, perHour, now, until, budget }: ForecastInput): Forecast {
  const rate = Math.max(0, perHour)
  const projected = until === null ? null : spent + (rate * Math.max(0, until - now)) / hourMs
  const at = rate > 0 && spent < budget ? now + ((budget - spent) / rate) * hourMs : null
  const reachedAt = at === null || !Number.isFinite(at) || (until !== null && at >= until) ? null : at
  const assumption =
    rate > 0 ? 'estimate: what runs now runs on, and nothing else starts' : 'estimate: nothing runs, and nothing starts'
  return { projected, reachedAt, assumption }
}
