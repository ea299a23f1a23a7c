/** The one place where costs come in that no job accounts for: what rented machines cost beyond the jobs on them. */
import { parseJson } from '../jobs/parse-json.ts'
import { rateOf } from '../instances/judge-cost.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { InstanceFacts } from '@pilothouse/contract'

/** Whose they are: nobody's project, and the owner's of the account. */
type MachineNames = { project: null; member: string | null; target: string; currency: string }

/** Evenly between two moments, ms. */
export type MachineCost = MachineNames & {
  from: number
  until: number
  amount: number
  source: 'estimate' | 'charged'
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** What machines cost between two moments, day by day, less what jobs on them cost at the time. */
export async function listMachineCosts(
  { db, now }: StorageContext,
  { from, until }: { from: number; until: number },
): Promise<MachineCost[]> {
  const days = await db
    .selectFrom('instance_cost')
    .innerJoin('instance', 'instance.id', 'instance_cost.instance_id')
    .innerJoin('provider_account', 'provider_account.id', 'instance.account_id')
    .leftJoin('member', 'member.id', 'provider_account.owner_id')
    .select(['instance.target', 'member.name as member', 'instance_cost.currency', 'instance_cost.amount'])
    .select(['instance_cost.day_ms', 'instance_cost.is_charged'])
    .where('instance_cost.day_ms', '>', from - dayMs)
    .where('instance_cost.day_ms', '<', until)
    .execute()
  if (days.length === 0) return []
  const jobs = Map.groupBy(await listRatedTimes({ db, now }, from - dayMs), ({ target }) => target)
  return days.flatMap(({ target, member, currency, amount, day_ms, is_charged }) => {
    const whole = { from: day_ms, until: Math.min(day_ms + dayMs, Math.max(now(), day_ms + 1)) }
    const own = (jobs.get(target) ?? []).filter((one) => one.currency === currency)
    const rated = own.reduce((sum, one) => sum + (one.perHour * overlap(one, whole)) / hourMs, 0)
    const shown = { from: Math.max(whole.from, from), until: Math.min(whole.until, until) }
    const share = overlap(shown, whole) / (whole.until - whole.from)
    if (share <= 0 || amount <= rated) return []
    const source = is_charged === 1 ? ('charged' as const) : ('estimate' as const)
    return [{ ...shown, project: null, member, target, currency, amount: (amount - rated) * share, source }]
  })
}

/** What machines cost an hour now, beyond the jobs that run on them. */
export async function listMachineRates({ db, now }: StorageContext): Promise<(MachineNames & { perHour: number })[]> {
  const machines = await db
    .selectFrom('instance')
    .innerJoin('provider_account', 'provider_account.id', 'instance.account_id')
    .leftJoin('member', 'member.id', 'provider_account.owner_id')
    .select(['instance.target', 'instance.facts', 'member.name as member'])
    .where('instance.gone_ms', 'is', null)
    .execute()
  if (machines.length === 0) return []
  const jobs = await listRatedTimes({ db, now }, now())
  return machines.flatMap(({ target, facts, member }) => {
    const told = parseJson<InstanceFacts>(facts) // written by a look at the account
    const { currency } = told
    const own = jobs.filter((one) => one.target === target && one.currency === currency && one.isOpen)
    const perHour = rateOf(told) - own.reduce((sum, one) => sum + one.perHour, 0)
    return perHour > 0 ? [{ project: null, member, target, currency, perHour }] : []
  })
}

type RatedTime = { target: string; currency: string; perHour: number; from: number; until: number; isOpen: boolean }

/** Attempts of jobs on rented machines that have a price, under way or ended after `since`. */
async function listRatedTimes({ db, now }: Pick<StorageContext, 'db' | 'now'>, since: number): Promise<RatedTime[]> {
  const rows = await db
    .selectFrom('instance')
    .innerJoin('job', 'job.target', 'instance.target')
    .innerJoin('attempt', 'attempt.job_id', 'job.id')
    .select(['instance.target', 'job.hour_cost', 'job.hour_currency', 'attempt.started_ms', 'attempt.ended_ms'])
    .where('job.hour_cost', '>', 0)
    .where('attempt.started_ms', 'is not', null)
    .where((eb) => eb.or([eb('attempt.ended_ms', 'is', null), eb('attempt.ended_ms', '>', since)]))
    .execute()
  return rows.map(({ target, hour_cost, hour_currency, started_ms, ended_ms }) => ({
    target,
    currency: hour_currency ?? '',
    perHour: hour_cost ?? 0,
    from: started_ms ?? 0,
    until: ended_ms ?? now(),
    isOpen: ended_ms === null,
  }))
}

type Stretch = { from: number; until: number }

/** ms; never less than nothing */
function overlap(one: Stretch, other: Stretch): number {
  return Math.max(0, Math.min(one.until, other.until) - Math.max(one.from, other.from))
}
