import { getRouteApi } from '@tanstack/react-router'
import type { Job } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { ChevronDown, GitBranch } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { Menu, MenuCheck, MenuChoices, MenuLine } from '../ui/menu.tsx'
import { useChangeSearch } from './use-chart-view.ts'

const route = getRouteApi('/frame/job/$uid')

/** Which branch of a job that went back is drawn, and whether the others lie behind it. */
export function BranchMenu({ job }: { job: Job }) {
  const { branch, others } = route.useSearch()
  const change = useChangeSearch()
  const shown = branch ?? String(job.branch)
  if (job.branches.length < 2) return null
  return (
    <Menu
      align="start"
      title="Branch that is drawn"
      trigger={
        <Button title="The job went back to a checkpoint: which way of it is drawn">
          <GitBranch size={14} className="text-faint" aria-hidden /> branch {shown}
          <ChevronDown size={14} className="text-faint" aria-hidden />
        </Button>
      }
    >
      <MenuChoices
        value={shown}
        choices={job.branches
          .toSorted((one, other) => other.number - one.number)
          .map(({ number, parent, forkStep }) => ({
            value: String(number),
            label: (
              <span>
                branch {number}{' '}
                <span className="text-faint">
                  {parent === null ? 'from the start' : `from branch ${parent} at step ${formatCount(forkStep ?? 0)}`}
                  {number === job.branch ? ', current' : ''}
                </span>
              </span>
            ),
          }))}
        onChange={(next) => change({ branch: next === String(job.branch) ? undefined : next })}
      />
      <MenuLine />
      <MenuCheck checked={others !== 'hidden'} onChange={(isOn) => change({ others: isOn ? undefined : 'hidden' })}>
        Other branches behind it
      </MenuCheck>
    </Menu>
  )
}
