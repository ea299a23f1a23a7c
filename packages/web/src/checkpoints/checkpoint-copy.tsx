import { useState } from 'react'
import type { Checkpoint, Job } from '@pilothouse/contract'
import { formatBytes } from '@pilothouse/signals'
import { Download, ShieldCheck, Trash2, Upload } from 'lucide-react'
import { useSteeringRights } from '../commands/use-steering.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { ProgressBar } from '../ui/progress-bar.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { describeCopy, refuseCopy } from './describe-files.ts'
import { useCopyActions } from './use-copies.ts'

type CopyProps = {
  job: Job
  checkpoint: Checkpoint
  /** Why the running job cannot send one, in words. */
  refusal: string | null
  now: number
}

/** The copy in the control room, and whether the files were seen: what is known, and what can be done. */
export function CheckpointCopy({ job, checkpoint, refusal, now }: CopyProps) {
  const rights = useSteeringRights(job)
  const { ask, check, downloadUrl } = useCopyActions(job.uid)
  const { id, copy, seenAt, summedAt } = checkpoint
  const isOpen = copy === null || copy.state === 'failed'
  const whyNot = isOpen ? refuseCopy(checkpoint, refusal) : undefined
  return (
    <section aria-label="Copy and files" className="flex flex-col gap-2 rounded-lg border border-line px-3 py-2">
      <p className={copy?.state === 'failed' ? 'wrap-anywhere text-bad' : 'wrap-anywhere'}>
        {describeCopy(checkpoint)}
        {copy?.state === 'copied' ? (
          <span className="text-muted">
            {' '}
            Since <TimeAgo at={copy.since} now={now} />, {formatBytes(copy.bytes)}.
          </span>
        ) : null}
      </p>
      {copy?.state === 'copying' ? (
        <ProgressBar
          fraction={copy.received / Math.max(1, copy.bytes)}
          state="running"
          label="Copied to the control room"
        />
      ) : null}
      <div className="flex flex-wrap gap-2">
        {copy?.state === 'copied' ? (
          <a className={buttonClass()} href={downloadUrl(id)} download>
            <Download size={14} aria-hidden /> Download
          </a>
        ) : null}
        {rights.copy && isOpen ? (
          <Button disabled={whyNot !== undefined || ask.isPending} onClick={() => ask.mutate(id)}>
            <Upload size={14} aria-hidden /> {copy === null ? 'Copy to the control room' : 'Copy again'}
          </Button>
        ) : null}
        {rights.copy ? (
          <Button disabled={check.isPending} onClick={() => check.mutate({ id, summedAt })}>
            <ShieldCheck size={14} aria-hidden /> {check.isPending ? 'Checking …' : 'Check files now'}
          </Button>
        ) : null}
        {rights.deleteCheckpoint && !isOpen ? <DeleteCopy job={job} checkpoint={checkpoint} /> : null}
      </div>
      {whyNot === undefined || !rights.copy ? null : (
        <p className="text-12 text-muted">No copy can be made: {whyNot}</p>
      )}
      {seenAt === null && summedAt === null ? null : (
        <p className="text-12 text-muted">
          {seenAt === null ? null : (
            <>
              Its files were seen <TimeAgo at={seenAt} now={now} />.{' '}
            </>
          )}
          {summedAt === null ? null : (
            <>
              Their bytes were compared <TimeAgo at={summedAt} now={now} />.
            </>
          )}
        </p>
      )}
    </section>
  )
}

/** Nothing brings it back, so it asks. */
function DeleteCopy({ job, checkpoint: { id, copy } }: { job: Job; checkpoint: Checkpoint }) {
  const [isAsking, setAsking] = useState(false)
  const { remove } = useCopyActions(job.uid)
  if (!isAsking) {
    return (
      <Button look="quiet" onClick={() => setAsking(true)}>
        <Trash2 size={14} aria-hidden /> {copy?.state === 'copied' ? 'Delete the copy' : 'Cancel the copy'}
      </Button>
    )
  }
  return (
    <div role="group" aria-label="Delete the copy?" className="flex flex-wrap items-center gap-2">
      <span className="text-muted">It goes at once; the checkpoint itself stays.</span>
      <Button look="danger" autoFocus disabled={remove.isPending} onClick={() => remove.mutate(id)}>
        Delete it
      </Button>
      <Button onClick={() => setAsking(false)}>Keep it</Button>
    </div>
  )
}
