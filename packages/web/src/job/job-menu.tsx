import { lazy, Suspense, useState } from 'react'
import { useNavigate } from '@tanstack/react-router'
import type { Job } from '@pilothouse/contract'
import {
  Archive,
  Ban,
  Hand,
  Play,
  Rocket,
  RotateCcw,
  ArchiveRestore,
  Bell,
  Copy,
  Download,
  Ellipsis,
  FileText,
  GitCompareArrows,
  Link2,
  RefreshCw,
  Trash2,
} from 'lucide-react'
import { useServices, useSession } from '../app/services.ts'
import { SteeringActions, type OrderCalls } from '../commands/steering-buttons.tsx'
import { Button } from '../ui/button.tsx'
import { Menu, MenuAction, MenuLine, MenuLink } from '../ui/menu.tsx'
import { orderNames, useLaunch, useLaunchOrder, useMayLaunch } from '../launches/use-launches.ts'
import { useBulkEdit } from '../jobs/use-bulk-edit.ts'
import { useMayEdit } from './use-edit-job.ts'

const DeleteDialog = lazy(async () => ({ default: (await import('./delete-dialog.tsx')).DeleteDialog }))

/** Of a launched job: what its target can be told, and the same again. */
function LaunchActions({ job, mayEdit }: { job: Job; mayEdit: boolean }) {
  const { data: launch } = useLaunch(job.target === null ? undefined : job.uid)
  const order = useLaunchOrder(job.uid)
  const mayLaunch = useMayLaunch()
  const navigate = useNavigate()
  if (!launch) return null
  return (
    <>
      {(mayEdit ? launch.orders : []).map((one) => (
        <MenuAction key={one} icon={orderIcons[one]} danger={one === 'cancel'} onClick={() => order.mutate(one)}>
          {orderNames[one]} job
        </MenuAction>
      ))}
      {mayLaunch ? (
        <MenuAction
          icon={<Rocket size={14} />}
          onClick={() => void navigate({ to: '/launch', search: { from: job.uid } })}
        >
          Launch again, changed …
        </MenuAction>
      ) : null}
    </>
  )
}

const orderIcons = {
  cancel: <Ban size={14} />,
  hold: <Hand size={14} />,
  release: <Play size={14} />,
  requeue: <RotateCcw size={14} />,
}

/** What is done with a job more rarely. */
export function JobMenu({ job, orders, onRefresh }: { job: Job; orders: OrderCalls; onRefresh: () => void }) {
  const { client } = useServices()
  const { permissions } = useSession()
  const [deleting, setDeleting] = useState(false)
  const mayEdit = useMayEdit(job)
  const edit = useBulkEdit()
  const isArchived = job.archivedAt !== null
  const navigate = useNavigate()
  const params = { uid: job.uid }
  return (
    <>
      <Menu
        trigger={
          <Button square look="quiet" aria-label="More about this job" title="More">
            <Ellipsis size={16} aria-hidden />
          </Button>
        }
      >
        <SteeringActions {...orders} />
        <LaunchActions job={job} mayEdit={mayEdit} />
        <MenuAction icon={<RefreshCw size={14} />} onClick={onRefresh}>
          Refresh
        </MenuAction>
        <MenuAction icon={<Link2 size={14} />} onClick={() => void navigator.clipboard.writeText(window.location.href)}>
          Copy link to this view
        </MenuAction>
        <MenuAction icon={<Copy size={14} />} onClick={() => void navigator.clipboard.writeText(job.uid)}>
          Copy uid
        </MenuAction>
        <MenuAction
          icon={<GitCompareArrows size={14} />}
          onClick={() => void navigate({ to: '/compare', search: { job: [job.uid] } })}
        >
          Compare with …
        </MenuAction>
        {permissions.includes('alerts:manage') ? (
          <MenuAction
            icon={<Bell size={14} />}
            onClick={() => void navigate({ to: '/alerts', search: { tab: 'rules', rule: 'new', job: job.uid } })}
          >
            Tell me when …
          </MenuAction>
        ) : null}
        <MenuLine />
        <MenuLink
          icon={<FileText size={14} />}
          href={client.url('jobs.document', { params, query: { download: 'true' } })}
          download
        >
          Download as HTML
        </MenuLink>
        {(['csv', 'json', 'parquet'] as const).map((format) => (
          <MenuLink
            key={format}
            icon={<Download size={14} />}
            href={client.url('metrics.export', { params, query: { format } })}
            download
          >
            Metrics as {format === 'parquet' ? 'Parquet' : format.toUpperCase()}
          </MenuLink>
        ))}
        <MenuLink
          icon={<FileText size={14} />}
          href={client.url('logs.text', { params, query: { download: 'true' } })}
          download
        >
          Log as text
        </MenuLink>
        {mayEdit ? (
          <MenuAction
            icon={isArchived ? <ArchiveRestore size={14} /> : <Archive size={14} />}
            onClick={() => edit.mutate({ uids: [job.uid], change: { archived: !isArchived } })}
          >
            {isArchived ? 'Bring back from the archive' : 'Archive'}
          </MenuAction>
        ) : null}
        {permissions.includes('training:admin') ? (
          <>
            <MenuLine />
            <MenuAction danger icon={<Trash2 size={14} />} onClick={() => setDeleting(true)}>
              Delete job
            </MenuAction>
          </>
        ) : null}
      </Menu>
      {deleting ? (
        <Suspense fallback={null}>
          <DeleteDialog job={job} onClose={() => setDeleting(false)} />
        </Suspense>
      ) : null}
    </>
  )
}
