import { PilothouseError } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'

export type BranchLink = { number: number; parent: number | null; fork_step: number | null }
/** A branch as far as it counts: up to the step at which its child forked. */
export type BranchPart = { branch: number; stepMax?: number }

/** A branch with its ancestors, oldest first, each cut at the earliest fork behind it. Pure. */
export function chainBranches(links: readonly BranchLink[], tip: number): BranchPart[] {
  const parts: BranchPart[] = []
  let stepMax = Infinity
  let link = links.find(({ number }) => number === tip)
  while (link && parts.length < links.length) {
    parts.unshift(stepMax === Infinity ? { branch: link.number } : { branch: link.number, stepMax })
    stepMax = Math.min(stepMax, link.fork_step ?? Infinity)
    const { parent } = link
    link = links.find(({ number }) => number === parent)
  }
  return parts
}

/**
 * The chain of the branch that is asked for, else of the current one.
 * @throws PilothouseError `notFound` when the job has no such branch.
 */
export async function findChain(
  db: Kysely<Tables>,
  job: { id: number; branch: number },
  asked?: number,
): Promise<BranchPart[]> {
  const links = await db
    .selectFrom('branch')
    .select(['number', 'parent', 'fork_step'])
    .where('job_id', '=', job.id)
    .execute()
  const chain = chainBranches(links, asked ?? job.branch)
  if (chain.length > 0) return chain
  throw new PilothouseError('notFound', `There is no branch ${asked ?? job.branch} of this job.`, {
    field: 'branch',
    expected: `one of ${links.map(({ number }) => number).join(', ')}`,
  })
}
