import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Job } from '@pilothouse/contract'
import {
  Archive,
  ArchiveRestore,
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
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Menu, MenuAction, MenuLine, MenuLink } from '../ui/menu.tsx'
import { showToast } from '../ui/toasts.tsx'
import { useBulkEdit } from '../jobs/use-bulk-actions.ts'
import { useMayEdit } from './use-edit-job.ts'

/** What is done with a job more rarely. */
export function JobMenu({ job, onRefresh }: { job: Job; onRefresh: () => void }) {
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
        <MenuLine />
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
      <DeleteDialog job={job} open={deleting} onClose={() => setDeleting(false)} />
    </>
  )
}

function DeleteDialog({ job, open, onClose }: { job: Job; open: boolean; onClose: () => void }) {
  const { client } = useServices()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const restore = useMutation({
    mutationFn: async () => client.call('jobs.restore', { params: { uid: job.uid } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['jobs'] })
      await navigate({ to: '/job/$uid', params: { uid: job.uid } })
    },
    onError: (error) => showToast({ words: `It could not be restored: ${error.message}`, isBad: true }),
  })
  const remove = useMutation({
    mutationFn: async () => client.call('jobs.delete', { params: { uid: job.uid } }),
    onSuccess: async () => {
      showToast({ words: `${job.name} deleted.`, action: { name: 'Undo', run: () => restore.mutate() } })
      await navigate({ to: '/' })
      await queries.invalidateQueries({ queryKey: ['jobs'] })
      queries.removeQueries({ queryKey: ['job', job.uid] })
    },
  })
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Delete ${job.name}?`}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
            Delete job
          </Button>
        </>
      }
    >
      <p className="text-muted">Its metrics, log and samples go with it. It can be had back for a while.</p>
      {job.endedAt === null ? (
        <p className="mt-2 text-warn">It has not ended: its script goes on, and what it still reports is refused.</p>
      ) : null}
      {remove.error ? (
        <p role="alert" className="mt-2 text-bad">
          {remove.error.message}
        </p>
      ) : null}
    </Dialog>
  )
}
