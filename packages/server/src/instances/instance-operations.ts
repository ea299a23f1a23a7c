/** Rented machines in the storage: what a look at an account found, what they cost, which job runs on each. */
import {
  endStates,
  type InstanceDay,
  type InstanceDetail,
  type InstanceFacts,
  PilothouseError,
  type RentedInstance,
} from '@pilothouse/contract'
import { readProgress, type ProgressState } from '@pilothouse/signals'
import { type Kysely, type Selectable, sql } from 'kysely'
import { type Author, writeAudit } from '../access/access-operations.ts'
import { parseJson } from '../jobs/parse-json.ts'
import { updateJob } from '../jobs/write-job.ts'
import type { InstanceTable } from '../storage/instance-tables.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { type Bill, billByDay, type DayCost, judgeSpan, splitByDay } from './judge-cost.ts'
import { nameTarget } from './name-target.ts'

/** A machine without what is only known of it now. Its target stands also where it cannot be reached. */
export type KeptInstance = Omit<InstanceDetail, 'can' | 'trouble' | 'target' | 'log'> & { target: string }
export type KeptListed = Omit<RentedInstance, 'can' | 'trouble' | 'target' | 'log'> & { target: string }

const dayMs = 24 * 3_600_000
/** What has gone is listed for so long. */
const goneListedMs = 7 * dayMs
/** Listed at most, those that are there first. */
const listedMax = 2_000

/** Takes what an account has now: costs since the last look are added, what it lacks is gone. */
const noteLook: Operation<{ accountId: number; at: number; facts: readonly InstanceFacts[] }, null> = async (
  context,
  { accountId, at, facts },
) => {
  const { db } = context
  const rows = await db.selectFrom('instance').selectAll().where('account_id', '=', accountId).execute()
  const known = new Map(rows.map((row) => [row.name, row]))
  const newcomers = facts.filter(({ id }) => !known.has(id))
  const taken = newcomers.length === 0 ? new Set<string>() : await listTargets(db)
  for (const one of facts) {
    const row = known.get(one.id) ?? (await insertInstance(db, { accountId, at, facts: one, taken }))
    const before = known.has(one.id) ? { at: row.seen_ms, facts: readFacts(row) } : null
    const span = judgeSpan(before, { at, facts: one })
    if (span) for (const day of splitByDay(span)) await addEstimate(db, row.id, one.currency, day)
    // A clock that was set back must not make the next span longer.
    const seen = { facts: JSON.stringify(one), seen_ms: at, gone_ms: null }
    if (before) await db.updateTable('instance').set(seen).where('id', '=', row.id).execute()
  }
  const listed = new Set(facts.map(({ id }) => id))
  const gone = rows.filter(({ name, gone_ms }) => gone_ms === null && !listed.has(name)).map(({ id }) => id)
  if (gone.length > 0) await db.updateTable('instance').set({ gone_ms: at }).where('id', 'in', gone).execute()
  await linkJobs(context, accountId)
  return null
}

/** Days that are over and billed replace what was estimated of them. */
const noteCharges: Operation<
  { accountId: number; at: number; charges: readonly (Bill & { instanceId: string; currency: string })[] },
  null
> = async ({ db }, { accountId, at, charges }) => {
  const rows = await db.selectFrom('instance').select(['id', 'name']).where('account_id', '=', accountId).execute()
  const ids = new Map(rows.map(({ id, name }) => [name, id]))
  for (const [name, own] of Map.groupBy(charges, ({ instanceId }) => instanceId)) {
    const instance_id = ids.get(name)
    const currency = own[0]?.currency
    if (instance_id === undefined || currency === undefined) continue
    for (const { day, amount } of billByDay(own, at)) {
      const values = { amount, currency, is_charged: 1 }
      await db
        .insertInto('instance_cost')
        .values({ instance_id, day_ms: day, ...values })
        .onConflict((conflict) => conflict.columns(['instance_id', 'day_ms']).doUpdateSet(values))
        .execute()
    }
  }
  return null
}

const listInstances: Operation<{ at: number }, KeptListed[]> = async ({ db }, { at }) => {
  const rows = await selectInstances(db)
    .where(({ or, eb }) => or([eb('gone_ms', 'is', null), eb('gone_ms', '>', at - goneListedMs)]))
    .orderBy('instance.id')
    .limit(listedMax)
    .execute()
  const costs = await sumCosts(db)
  const all = rows.map((row) => toInstance(row, costs.get(row.id) ?? null))
  return [...all.filter(({ goneSince }) => goneSince === null), ...all.filter(({ goneSince }) => goneSince !== null)]
}

/** @throws PilothouseError `notFound` */
const getInstance: Operation<{ id: number }, KeptInstance> = async ({ db }, { id }) => readInstance(db, id)

/** @throws PilothouseError `notFound` */
const noteChange: Operation<
  { id: number; change: { label?: string; stopWhenDone?: boolean }; action: string; detail?: unknown; by: Author },
  KeptInstance
> = async ({ db, now }, { id, change, action, detail, by }) => {
  const { facts } = await readInstance(db, id)
  const { label, stopWhenDone } = change
  const columns = {
    ...(label === undefined ? {} : { facts: JSON.stringify({ ...facts, label }) }),
    ...(stopWhenDone === undefined ? {} : { stop_when_done: stopWhenDone ? 1 : 0 }),
  }
  if (Object.keys(columns).length > 0) await db.updateTable('instance').set(columns).where('id', '=', id).execute()
  const subject = `${facts.provider} ${facts.id}${facts.label === null ? '' : ` (${facts.label})`}`
  await writeAudit(db, now(), { action, subject, detail, by })
  return readInstance(db, id)
}

/** Those that are to be stopped now: the job on them has ended. */
const listDone: Operation<{ accountId: number }, KeptListed[]> = async ({ db }, { accountId }) => {
  const rows = await selectInstances(db)
    .where('account_id', '=', accountId)
    .where('stop_when_done', '=', 1)
    .where('gone_ms', 'is', null)
    .where('job.state', 'in', [...endStates])
    .execute()
  return rows.map((row) => toInstance(row, null)).filter(({ facts }) => facts.status === 'running')
}

export const instanceOperations = {
  'instances.note-look': noteLook,
  'instances.note-charges': noteCharges,
  'instances.list': listInstances,
  'instances.get': getInstance,
  'instances.note-change': noteChange,
  'instances.done': listDone,
}
export const instanceReads = ['instances.list', 'instances.get', 'instances.done'] as const

type NewInstance = { accountId: number; at: number; facts: InstanceFacts; taken: Set<string> }

async function insertInstance(
  db: Kysely<Tables>,
  { accountId, at, facts, taken }: NewInstance,
): Promise<Selectable<InstanceTable>> {
  const target = nameTarget(facts, taken)
  taken.add(target)
  const times = { first_seen_ms: at, seen_ms: at }
  return db
    .insertInto('instance')
    .values({
      account_id: accountId,
      name: facts.id,
      target,
      facts: JSON.stringify(facts),
      ...times,
      stop_when_done: 0,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

async function listTargets(db: Kysely<Tables>): Promise<Set<string>> {
  const rows = await db.selectFrom('instance').select('target').execute()
  return new Set(rows.map(({ target }) => target))
}

async function addEstimate(
  db: Kysely<Tables>,
  instance_id: number,
  currency: string,
  { day, amount }: DayCost,
): Promise<void> {
  await db
    .insertInto('instance_cost')
    .values({ instance_id, day_ms: day, amount, currency, is_charged: 0 })
    .onConflict((conflict) =>
      conflict
        .columns(['instance_id', 'day_ms'])
        .doUpdateSet({ amount: sql<number>`instance_cost.amount + excluded.amount` })
        .where('instance_cost.is_charged', '=', 0),
    )
    .execute()
}

/** Jobs that run on machines of an account: launched there, or heard of from a host of that name. The newest counts. */
async function linkJobs({ db, changes }: StorageContext, accountId: number): Promise<void> {
  const rows = await db
    .selectFrom('instance')
    .select(['id', 'name', 'target', 'facts', 'job_uid'])
    .where('account_id', '=', accountId)
    .where('gone_ms', 'is', null)
    .execute()
  if (rows.length === 0) return
  const targets = new Map(rows.map((row) => [row.target, row]))
  const numbers = new Map(rows.flatMap((row) => numbersOf(row).map((name) => [name, row] as const)))
  const labels = new Map(rows.map((row) => [readFacts(row).label ?? '', row]))
  const running = await db
    .selectFrom('job')
    .innerJoin('attempt', (join) =>
      join.onRef('attempt.job_id', '=', 'job.id').onRef('attempt.number', '=', 'job.attempt'),
    )
    .select(['job.id', 'job.uid', 'job.target', 'attempt.host'])
    .where('job.state', 'not in', [...endStates])
    .orderBy('job.id')
    .execute()
  const found = new Map<number, string>()
  for (const { id, uid, target, host } of running) {
    const [own, numbered] = [targets.get(target ?? ''), numbers.get(host ?? '')]
    const row = own ?? numbered ?? (host ? (targets.get(host) ?? labels.get(host)) : undefined)
    if (!row) continue
    found.set(row.id, uid)
    // Other machines may be called like a label: only a number of the provider says for certain where it runs.
    if (target !== null || numbered === undefined) continue
    // From now on it is priced, filtered and counted as what was launched there.
    await updateJob(db, id, { job: { target: numbered.target } })
    changes.jobs.add(id)
  }
  for (const row of rows) {
    const job_uid = found.get(row.id)
    if (job_uid !== undefined && job_uid !== row.job_uid)
      await db.updateTable('instance').set({ job_uid }).where('id', '=', row.id).execute()
  }
}

/** What a job may call the machine that it runs on: vast.ai names its containers «C.<id>». */
function numbersOf({ name }: Pick<InstanceTable, 'name'>): string[] {
  return [name, `C.${name}`]
}

function selectInstances(db: Kysely<Tables>) {
  return db
    .selectFrom('instance')
    .innerJoin('provider_account', 'provider_account.id', 'instance.account_id')
    .leftJoin('job', 'job.uid', 'instance.job_uid')
    .selectAll('instance')
    .select([
      'provider_account.name as account_name',
      'job.name as job_name',
      'job.state as job_state',
      'job.progress as job_progress',
      'job.total_steps',
      'job.total_epochs',
    ])
}

type Row = Awaited<ReturnType<ReturnType<typeof selectInstances>['execute']>>[number]

async function readInstance(db: Kysely<Tables>, id: number): Promise<KeptInstance> {
  const row = await selectInstances(db).where('instance.id', '=', id).executeTakeFirst()
  if (!row) throw new PilothouseError('notFound', `There is no rented machine ${id}.`, { field: 'id' })
  const days = await db
    .selectFrom('instance_cost')
    .selectAll()
    .where('instance_id', '=', id)
    .orderBy('day_ms')
    .execute()
  const costs = await sumCosts(db, id)
  const own = days.map(({ day_ms: day, amount, currency, is_charged }): InstanceDay => ({
    day,
    amount,
    currency,
    isCharged: is_charged === 1,
  }))
  return { ...toInstance(row, costs.get(id) ?? null), days: own }
}

/** Of each machine, all its days. A provider bills in one currency. */
async function sumCosts(db: Kysely<Tables>, id?: number): Promise<Map<number, NonNullable<RentedInstance['cost']>>> {
  const rows = await db
    .selectFrom('instance_cost')
    .select(['instance_id', 'currency'])
    .select(({ fn }) => [fn.sum<number>('amount').as('amount'), fn.min<number>('is_charged').as('all_charged')])
    .$if(id !== undefined, (query) => query.where('instance_id', '=', id ?? 0))
    .groupBy(['instance_id', 'currency'])
    .execute()
  return new Map(
    rows.map(({ instance_id, currency, amount, all_charged }) => [
      instance_id,
      { amount: Number(amount), currency, isEstimate: Number(all_charged) === 0 },
    ]),
  )
}

function toInstance(row: Row, cost: RentedInstance['cost']): KeptListed {
  return {
    id: row.id,
    account: { id: row.account_id, name: row.account_name },
    facts: row.gone_ms === null ? readFacts(row) : { ...readFacts(row), status: 'gone' },
    firstSeenAt: row.first_seen_ms,
    seenAt: row.seen_ms,
    goneSince: row.gone_ms,
    target: row.target,
    job: toJob(row),
    stopWhenDone: row.stop_when_done === 1,
    cost,
  }
}

function toJob(row: Row): RentedInstance['job'] {
  const { job_uid, job_name, job_state, job_progress } = row
  if (job_uid === null || job_name === null || job_state === null) return null
  const state = parseJson<ProgressState>(job_progress) // written here
  const totals = { totalSteps: row.total_steps, totalEpochs: row.total_epochs }
  const fraction = state && readProgress({ ...state, ...totals }, row.seen_ms).fraction
  return { uid: job_uid, name: job_name, state: job_state, fraction }
}

function readFacts({ facts }: Pick<InstanceTable, 'facts'>): InstanceFacts {
  return parseJson<InstanceFacts>(facts) // written here
}
