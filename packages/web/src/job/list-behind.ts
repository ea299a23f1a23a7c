import type { Job } from '@pilothouse/contract'
import type { JobSearch } from './job-search.ts'

/** So many other branches lie behind the one that is drawn; with more nobody sees it. */
const behindMax = 3

/** Branches that are drawn faintly behind the one that is looked at, the newest ones. */
export function listBehind(
  { branches, branch: current }: Pick<Job, 'branches' | 'branch'>,
  { branch, others }: Pick<JobSearch, 'branch' | 'others'>,
): number[] {
  if (others === 'hidden') return []
  const shown = branch === undefined ? current : Number(branch)
  return branches
    .map(({ number }) => number)
    .filter((number) => number !== shown)
    .toSorted((one, other) => other - one)
    .slice(0, behindMax)
}
