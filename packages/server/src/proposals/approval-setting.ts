/** In which projects changes by people without training:admin wait for an admin; nowhere while nobody has said so. */
import { type Approval, PilothouseError, approval } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { Actor, Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'

const key = 'approval'

export const getApproval: Operation<null, Approval> = ({ db }) => readApproval(db)

export const setApproval: Operation<Approval, Approval> = async ({ db }, wanted) => {
  const value = JSON.stringify({ all: wanted.all, projects: [...new Set(wanted.projects)].sort() } satisfies Approval)
  await db
    .insertInto('setting')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
  return readApproval(db)
}

/** True when changes of jobs of this project wait for an admin. */
export async function needsApproval(db: Kysely<Tables>, { project }: { project: string }): Promise<boolean> {
  const { all, projects } = await readApproval(db)
  return all || projects.includes(project)
}

/** True when what `actor` asks of a job of this project is a proposal. */
export async function isProposal(db: Kysely<Tables>, job: { project: string }, actor: Actor): Promise<boolean> {
  return !actor.all && (await needsApproval(db, job))
}

/**
 * What is asked about in one project would not be in another: only who may approve moves a job there.
 * @throws PilothouseError `forbidden`
 */
export async function refuseMove(
  db: Kysely<Tables>,
  job: { project: string },
  { project, actor }: { project: string; actor: Actor },
): Promise<void> {
  if (!(await isProposal(db, job, actor)) || (await needsApproval(db, { project }))) return
  throw new PilothouseError(
    'forbidden',
    `In the project «${job.project}» changes of parameters wait for an admin, in «${project}» they do not: only an admin moves a job there.`,
    { field: 'project', hint: 'Ask an admin to move it.' },
  )
}

async function readApproval(db: Kysely<Tables>): Promise<Approval> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst()
  const stored: unknown = row ? JSON.parse(row.value) : {}
  return approval.parse(stored)
}
