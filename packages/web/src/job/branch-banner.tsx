import type { Job } from '@pilothouse/contract'
import { Button } from '../ui/button.tsx'

type BannerProps = { job: Job; branch: string | undefined; onCurrent: () => void }

/** Says that the charts show another branch than the one on which the job is. */
export function BranchBanner({ job, branch, onCurrent }: BannerProps) {
  if (branch === undefined || Number(branch) === job.branch) return null
  const isKnown = job.branches.some(({ number }) => number === Number(branch))
  return (
    <div role="status" className="mx-4 mt-3 flex items-center gap-3 rounded-md bg-accent-soft px-3 py-1 sm:mx-6">
      <span className="flex-1">
        <span className="font-medium">
          {isKnown ? `Charts show branch ${branch}.` : `This job has no branch ${branch}.`}
        </span>{' '}
        The job is on branch {job.branch}.
      </span>
      <Button look="quiet" className="text-accent" onClick={onCurrent}>
        Show the current
      </Button>
    </div>
  )
}
