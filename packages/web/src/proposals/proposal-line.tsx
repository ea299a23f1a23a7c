import { Link } from '@tanstack/react-router'
import { Hourglass } from 'lucide-react'
import { useSession } from '../app/services.ts'
import { leaveTab } from '../job/job-search.ts'

/** In the head of a job, for those who may approve: that something waits for them. On a phone its tab is out of sight. */
export function ProposalLine({ count }: { count: number }) {
  const { permissions } = useSession()
  if (count === 0 || !permissions.includes('training:admin')) return null
  return (
    <p className="arrives flex items-start gap-2 rounded-md bg-hover px-3 py-1 text-muted" role="status">
      <Hourglass size={14} className="mt-0.5 shrink-0 text-warn" aria-hidden />
      <span className="min-w-0 flex-1">
        {count === 1 ? 'A change waits' : `${count} changes wait`} for an admin’s approval
      </span>
      <Link
        from="/job/$uid"
        search={(before) => ({ ...leaveTab(before), tab: 'parameters' as const })}
        className="touchable font-medium text-accent hover:underline"
      >
        Look at {count === 1 ? 'it' : 'them'}
      </Link>
    </p>
  )
}
