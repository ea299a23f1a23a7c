/** What a budget that is used up does to jobs: the orders that people have, and nothing else. */
import { openCommandStates, type JobState } from '@pilothouse/contract'
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import { writeAudit } from '../access/access-operations.ts'
import { giveCommand } from '../commands/give-command.ts'
import { readControls } from '../commands/read-commands.ts'
import { whyRefused } from '../commands/why-refused.ts'
import type { JobRow } from '../jobs/read-job.ts'
import { launchOperations } from '../launches/launch-operations.ts'
import { listOrders, selectLaunches } from '../launches/launch-rows.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import type { BudgetRow } from './budget-rows.ts'

const goingStates: readonly JobState[] = ['running', 'paused']

/**
 * Tells what runs within the scope and costs in the currency of a budget to stop, each attempt once.
 * @returns uids of launches that are to be cancelled
 */
export async function stopSpenders(
  context: StorageContext,
  budget: BudgetRow,
  { from, at }: { from: number; at: number },
): Promise<string[]> {
  const cancelled: string[] = []
  for (const job of await listSpenders(context, budget)) {
    const { refusal, isCancelled } = await stop(context, budget, job)
    if (isCancelled) cancelled.push(job.uid)
    await context.db
      .insertInto('budget_stop')
      .values({ budget_id: budget.id, job_id: job.id, attempt: job.attempt, period_ms: from, at_ms: at, refusal })
      .execute()
    const detail = { reason: reasonOf(budget), ...(refusal === null ? {} : { refusal }) }
    await writeAudit(context.db, at, { action: 'budgets.stop', subject: job.uid, detail, by: null })
  }
  return cancelled
}

export function reasonOf({ name }: Pick<BudgetRow, 'name'>): string {
  return `budget «${name}» is used up`
}

async function listSpenders({ db }: StorageContext, budget: BudgetRow): Promise<JobRow[]> {
  return db
    .selectFrom('job')
    .selectAll('job')
    .where('job.state', 'in', goingStates)
    .where('job.hour_cost', '>', 0)
    .where('job.hour_currency', '=', budget.currency)
    .where((eb) => chooseScope(eb, budget))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('budget_stop')
            .select('budget_stop.job_id')
            .where('budget_stop.budget_id', '=', budget.id)
            .whereRef('budget_stop.job_id', '=', 'job.id')
            .whereRef('budget_stop.attempt', '=', 'job.attempt'),
        ),
      ),
    )
    .orderBy('job.id')
    .execute()
}

function chooseScope(eb: ExpressionBuilder<Tables, 'job'>, { scope, subject }: BudgetRow): Expression<SqlBool> {
  switch (scope) {
    case 'all':
      return eb.lit(true)
    case 'project':
      return eb('job.project', '=', subject ?? '')
    case 'target':
      return eb('job.target', '=', subject)
    case 'job':
      return eb('job.uid', '=', subject ?? '')
    case 'member':
      return eb(
        'job.owner_id',
        'in',
        eb
          .selectFrom('member')
          .select('member.id')
          .where('member.name', '=', subject ?? ''),
      )
    default:
      return scope satisfies never
  }
}

/** A launched job is cancelled where it runs; another is told to stop, if its script has said that it can be. */
async function stop(
  context: StorageContext,
  budget: BudgetRow,
  job: JobRow,
): Promise<{ refusal: string | null; isCancelled: boolean }> {
  const launch = await selectLaunches(context.db).where('launch.uid', '=', job.uid).executeTakeFirst()
  if (launch && listOrders(launch).includes('cancel')) {
    const actor = { memberId: budget.owner_id, all: true, jobUid: null }
    await launchOperations['launches.order'](context, { uid: job.uid, actor, order: 'cancel' })
    return { refusal: null, isCancelled: true }
  }
  const refusal = whyRefused({ state: job.state, controls: await readControls(context.db, job) }, 'stop')
  if (refusal !== null || (await isTold(context, job))) return { refusal, isCancelled: false }
  const order = { kind: 'stop', body: { checkpointFirst: true } } as const
  await giveCommand(context, job, { order, memberId: null, note: reasonOf(budget) })
  return { refusal: null, isCancelled: false }
}

/** By somebody else, or by another budget. */
async function isTold({ db }: StorageContext, job: JobRow): Promise<boolean> {
  const row = await db
    .selectFrom('command')
    .select('id')
    .where('job_id', '=', job.id)
    .where('attempt', '=', job.attempt)
    .where('kind', '=', 'stop')
    .where('state', 'in', openCommandStates)
    .executeTakeFirst()
  return row !== undefined
}
