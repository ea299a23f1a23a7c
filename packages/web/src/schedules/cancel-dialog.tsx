import type { Job, JobSchedule } from '@pilothouse/contract'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useScheduleActions } from './use-schedules.ts'

/** Asks before a schedule is given up: it cannot be taken back. */
export function CancelDialog({ job, one, onClose }: { job: Job; one: JobSchedule; onClose: () => void }) {
  const { cancel } = useScheduleActions(job.uid)
  const { key } = one.schedule
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Cancel the schedule of ${key}?`}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" disabled={cancel.isPending} onClick={() => cancel.mutate(one, { onSuccess: onClose })}>
            Cancel the schedule
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-2">
        <p className="wrap-anywhere">{one.words}</p>
        <p className="text-muted">
          {one.state.phase === 'active'
            ? `${key} keeps the value that it has at the job’s next control point. `
            : `${key} stays as it is. `}
          This cannot be undone; a new schedule can be added.
        </p>
        {cancel.error ? (
          <p role="alert" className="wrap-anywhere text-bad">
            {cancel.error.message}
          </p>
        ) : null}
      </div>
    </Dialog>
  )
}
