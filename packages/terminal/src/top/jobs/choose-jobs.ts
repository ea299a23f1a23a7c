import type { JobCard } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'

/** Jobs that ended so long ago are still shown, at most so many of them. */
const recentMs = 6 * 3_600_000
const endedMax = 20
const jobsMax = 500

/** Jobs that are shown: those under way, then those that ended lately, newest first; with `all`, however long ago. */
export function chooseJobs(cards: Iterable<JobCard>, { now, all }: { now: number; all: boolean }): JobCard[] {
  const shown = [...cards].filter(({ archivedAt }) => archivedAt === null)
  const active = shown.filter(({ state }) => !isEnded(state)).toSorted((one, other) => startOf(one) - startOf(other))
  const ended = shown.filter(({ state }) => isEnded(state)).toSorted((one, other) => endOf(other) - endOf(one))
  const lately = all ? ended : ended.filter((card) => now - endOf(card) < recentMs).slice(0, endedMax)
  return [...active, ...lately].slice(0, jobsMax)
}

function startOf({ startedAt, createdAt }: JobCard): number {
  return startedAt ?? createdAt
}

function endOf({ endedAt, heardAt, createdAt }: JobCard): number {
  return endedAt ?? heardAt ?? createdAt
}
