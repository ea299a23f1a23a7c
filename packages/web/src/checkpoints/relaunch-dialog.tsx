import { useQuery } from '@tanstack/react-query'
import type { Checkpoint, Job } from '@pilothouse/contract'
import { isEnded, PilothouseError } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { useServices } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copyable.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { describeLineage } from './list-branches.ts'

type DialogProps = { job: Job; checkpoint: Checkpoint; onClose: () => void }

/** How a job that has ended is started again from a checkpoint: where, by which command, and what it becomes. */
export function RelaunchDialog({ job, checkpoint, onClose }: DialogProps) {
  const { client } = useServices()
  const params = { uid: job.uid, id: String(checkpoint.id) }
  const found = useQuery({
    queryKey: ['relaunch', job.uid, checkpoint.id, job.state, checkpoint.state],
    queryFn: async ({ signal }) => client.call('checkpoints.relaunch', { params, signal }),
    enabled: isEnded(job.state),
    retry: false,
    gcTime: 0,
  })
  const plan = found.data
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Start again from «${checkpoint.name}»`}
      actions={
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        {isEnded(job.state) ? null : (
          <p role="status">The job goes on: attempt {formatCount(job.attempt)} has begun.</p>
        )}
        {isEnded(job.state) && found.error ? <Refused error={found.error} /> : null}
        {isEnded(job.state) && found.isPending ? (
          <div className="waits h-40 rounded-lg bg-hover" aria-busy="true" />
        ) : null}
        {isEnded(job.state) && plan ? (
          <>
            <p>
              The control room cannot start it. Run this on <span className="font-mono wrap-anywhere">{plan.host}</span>
              , where the checkpoint lies:
            </p>
            <Shell text={`pilothouse relaunch ${job.uid} ${checkpoint.id}`} label="the command" />
            <p className="text-muted">
              Or, without pilothouse there, the whole line. Its shell needs PILOTHOUSE_URL and PILOTHOUSE_TOKEN, as at
              the first start:
            </p>
            <Shell text={plan.line} label="the line for a shell" />
            {plan.remarks.map((remark) => (
              <p key={remark} className="rounded-md bg-warn-soft px-3 py-2 text-warn">
                {remark}
              </p>
            ))}
            <p className="text-muted">It is what the job told of its own start: read it before you run it.</p>
            <Lineage job={job} checkpoint={checkpoint} />
          </>
        ) : null}
      </div>
    </Dialog>
  )
}

/** Lines of a shell break here: they are to be read. */
function Shell({ text, label }: { text: string; label: string }) {
  return (
    <div className="flex items-start rounded-md border border-line bg-sunken">
      <code
        aria-label={label}
        role="group"
        className="min-w-0 flex-1 py-2 pl-3 font-mono text-12 leading-5 wrap-anywhere whitespace-pre-wrap"
      >
        {text}
      </code>
      <div className="p-1.5">
        <CopyButton text={text} label={`Copy ${label}`} />
      </div>
    </div>
  )
}

function Refused({ error }: { error: Error }) {
  return (
    <div role="alert" className="flex flex-col gap-1">
      <p className="font-medium wrap-anywhere">{error.message}</p>
      {error instanceof PilothouseError ? <p className="wrap-anywhere text-muted">{error.hint}</p> : null}
    </div>
  )
}

/** What comes of it, and from where. */
function Lineage({ job, checkpoint }: Pick<DialogProps, 'job' | 'checkpoint'>) {
  const next = Math.max(...job.branches.map(({ number }) => number), 0) + 1
  return (
    <dl
      aria-label="What comes of it"
      className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 border-t border-line pt-3"
    >
      <dt className="text-muted">Attempt</dt>
      <dd>{formatCount(job.attempt + 1)}, of the same job</dd>
      <dt className="text-muted">Branch</dt>
      <dd>
        {next}, from step {formatCount(checkpoint.step)} of {describeLineage(job.branches, checkpoint.branch)}
      </dd>
      <dt className="text-muted">First</dt>
      <dd>
        The script compares the checksum and loads it at its first control point. Where it does not fit, the attempt
        ends with an error before its first step.
      </dd>
    </dl>
  )
}
