import { Link } from '@tanstack/react-router'
import type { Job } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { GitBranch } from 'lucide-react'
import type { Steering } from '../commands/use-steering.ts'
import { buttonClass } from '../ui/button.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { findRollback, listBranches, type BranchRow } from './list-branches.ts'

type TreeProps = { job: Job; steering: Steering; now: number; shown: number }

/** Which way the job went: each branch below the one from which it forked, with what it began with. */
export function BranchTree({ job, steering, now, shown }: TreeProps) {
  if (job.branches.length < 2) return null
  return (
    <section aria-labelledby="branches-title" className="rounded-lg border border-line bg-surface">
      <h2 id="branches-title" className="h-10 px-4 leading-10 font-medium">
        Branches <span className="font-normal text-faint">{job.branches.length}</span>
      </h2>
      <ul>
        {listBranches(job.branches).map((branch) => (
          <BranchItem
            key={branch.number}
            branch={branch}
            job={job}
            steering={steering}
            now={now}
            isShown={branch.number === shown}
          />
        ))}
      </ul>
    </section>
  )
}

type ItemProps = Omit<TreeProps, 'shown'> & { branch: BranchRow; isShown: boolean }

/** Deeper ones are not moved further to the right: a phone has no room for it. */
const depthMax = 6

function BranchItem({ branch, job, steering, now, isShown }: ItemProps) {
  const { number, parent, forkStep, createdAt, depth } = branch
  const rollback = findRollback(branch, steering.page?.commands ?? [])
  const isCurrent = number === job.branch
  return (
    <li
      data-branch={number}
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line py-1.5 pr-2"
      style={{ paddingLeft: 16 + 20 * Math.min(depth, depthMax) }}
    >
      <GitBranch size={14} aria-hidden className={isCurrent ? 'text-accent' : 'text-faint'} />
      <span className="font-medium">branch {number}</span>
      {isCurrent ? <span className="rounded-sm bg-accent-soft px-1.5 text-12 text-accent">current</span> : null}
      <span className="min-w-0 flex-1 basis-48 text-muted">
        {parent === null ? 'from the start' : `from branch ${parent} at step ${formatCount(forkStep ?? 0)}`}
        {rollback ? `, back to «${rollback.body.name}», ${rollback.by?.name ?? 'pilothouse'}` : ''}
        {', '}
        <TimeAgo at={createdAt} now={now} />
      </span>
      <Link
        from="/job/$uid"
        search={({ tab: _, checkpoint: __, versus: ___, branch: ____, ...rest }) =>
          isCurrent ? { ...rest, tab: 'metrics' } : { ...rest, tab: 'metrics', branch: String(number) }
        }
        className={buttonClass('plain')}
        aria-label={`Draw branch ${number}`}
      >
        {isShown ? 'See it in the charts' : 'Draw this one'}
      </Link>
    </li>
  )
}
