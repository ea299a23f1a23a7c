import { lazy, Suspense, useState } from 'react'
import type { Approval } from '@pilothouse/contract'
import { Button } from '../ui/button.tsx'
import { useApproval } from './use-approval.ts'

/** Fetched when somebody changes it. */
const ApprovalDialog = lazy(async () => ({ default: (await import('./approval-dialog.tsx')).ApprovalDialog }))

/** Where changes of running jobs by members wait for an admin. */
export function ApprovalPanel() {
  const found = useApproval()
  const [isOpen, setOpen] = useState(false)
  const approval = found.data
  return (
    <section aria-label="Approval" className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="flex min-h-10 flex-wrap items-center gap-x-4 pr-1.5 pl-4">
        <h2 className="mr-auto font-medium">Approval</h2>
        {approval ? (
          <Button look="quiet" aria-label="Change approval" aria-haspopup="dialog" onClick={() => setOpen(true)}>
            Change
          </Button>
        ) : null}
      </div>
      {found.error ? (
        <p role="alert" className="border-t border-line px-4 py-3 text-bad">
          It could not be read: {found.error.message}
        </p>
      ) : null}
      {found.isPending ? <div className="waits h-11 border-t border-line bg-hover" aria-busy="true" /> : null}
      {approval ? (
        <p className="border-t border-line px-4 py-3 wrap-anywhere text-muted">{describe(approval)}</p>
      ) : null}
      {approval && isOpen ? (
        <Suspense fallback={null}>
          <ApprovalDialog approval={approval} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </section>
  )
}

function describe({ all, projects }: Approval): string {
  const what = 'what members change of parameters of running jobs waits until an admin approves it.'
  if (all) return `In all projects ${what}`
  if (projects.length === 0)
    return 'What members change of parameters of running jobs is sent at once, in all projects.'
  return `In ${projects.length === 1 ? 'the project' : 'the projects'} ${projects.join(', ')} ${what}`
}
