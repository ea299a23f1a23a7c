import { lazy, Suspense, useState, type ReactNode } from 'react'
import type { Job, WandbRun } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { ExternalLink } from 'lucide-react'
import { useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'

/** Fetched when somebody enters a key. */
const WandbDialog = lazy(async () => ({ default: (await import('./wandb-dialog.tsx')).WandbDialog }))

/** Runs at W&B that the log of a job names: a link to each, and how it is followed. */
export function WandbLines({ job, now }: { job: Job; now: number }) {
  const session = useSession()
  const [server, setServer] = useState<string>()
  if (job.wandb.length === 0) return null
  const mayEnter = session.member.id === job.owner.id && session.permissions.includes('training:manage')
  return (
    <ul aria-label="Weights & Biases" className="flex flex-col gap-1">
      {job.wandb.map((run) => (
        <li key={run.url} className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-muted">
          <a
            href={run.url}
            target="_blank"
            rel="noreferrer noopener"
            className="inline-flex max-w-full min-w-0 items-center gap-1 text-accent hover:underline pointer-coarse:min-h-11"
          >
            <span className="truncate">{`W&B: ${run.name ?? run.path}`}</span>
            <ExternalLink size={12} aria-hidden className="shrink-0" />
          </a>
          <span className={`min-w-0 wrap-anywhere ${isTrouble(run) ? 'text-warn' : ''}`}>
            {describe(run, { now, owner: mayEnter ? null : job.owner.name })}
          </span>
          {mayEnter && (run.status === 'needs-key' || run.status === 'refused') ? (
            <Button aria-haspopup="dialog" onClick={() => setServer(run.baseUrl)}>
              {run.status === 'refused' ? 'Change the key' : 'Enter a key'}
            </Button>
          ) : null}
        </li>
      ))}
      {server === undefined ? null : (
        <Suspense fallback={null}>
          <WandbDialog server={server} onClose={() => setServer(undefined)} />
        </Suspense>
      )}
    </ul>
  )
}

function isTrouble({ status }: WandbRun): boolean {
  return status === 'refused' || status === 'missing' || status === 'delayed' || status === 'given-up'
}

/** @param look.owner who has to enter the key, where that is somebody else */
function describe(run: WandbRun, { now, owner }: { now: number; owner: string | null }): ReactNode {
  const own =
    run.ownKeys === 0
      ? ''
      : ` · ${formatCount(run.ownKeys)} of its metrics this job reports itself, they stand here once`
  const synced = run.syncedAt === null ? null : <TimeAgo at={run.syncedAt} now={now} />
  switch (run.status) {
    case 'waiting':
      return 'not read yet'
    case 'synced':
      return (
        <>
          {run.state ?? ''} · synced {synced}
          {own}
        </>
      )
    case 'finished':
      return `${run.state ?? 'over'} · read whole${own}`
    case 'needs-key':
      return owner === null ? 'needs a key: its values are read once there is one' : `needs a key of ${owner}`
    case 'refused':
    case 'missing':
    case 'delayed':
    case 'given-up':
      return (
        <>
          {run.message}
          {synced === null ? null : <> Synced {synced}.</>}
        </>
      )
    default:
      return run.status satisfies never
  }
}
