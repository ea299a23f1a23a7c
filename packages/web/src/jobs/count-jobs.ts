import { formatCount } from '@pilothouse/signals'

export function countJobs(count: number): string {
  return count === 1 ? '1 job' : `${formatCount(count)} jobs`
}
