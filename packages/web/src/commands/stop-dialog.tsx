import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Job } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { CheckField, TextField } from '../ui/fields.tsx'
import { refreshSteering } from './steering-queries.ts'

/** Asks before a job ends. */
export function StopDialog({ job, canWrite, onClose }: { job: Job; canWrite: boolean; onClose: () => void }) {
  const { client } = useServices()
  const queries = useQueryClient()
  const [checkpointFirst, setCheckpointFirst] = useState(canWrite)
  const [note, setNote] = useState('')
  const stop = useMutation({
    mutationFn: async () =>
      client.call('jobs.stop', {
        params: { uid: job.uid },
        body: { checkpointFirst, ...(note.trim() === '' ? {} : { note: note.trim() }) },
      }),
    onSuccess: onClose,
    onSettled: async () => refreshSteering(queries, job.uid, ['commands']),
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Stop ${job.name}?`}
      actions={
        <>
          <Button onClick={onClose}>Let it run</Button>
          <Button look="danger" disabled={stop.isPending} onClick={() => stop.mutate()}>
            Stop job
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p className="text-muted">
          The script is told to end by itself at its next control point: it leaves its training loop and does what it
          does at the end. What it logged stays.
        </p>
        {canWrite ? (
          <CheckField label="Write a checkpoint first" isOn={checkpointFirst} onChange={setCheckpointFirst} />
        ) : (
          <p className="text-warn">The script has not declared how to write a checkpoint, so there will be none.</p>
        )}
        <TextField label="Note (optional)" value={note} onChange={setNote} placeholder="Why?" />
        {stop.error ? (
          <p role="alert" className="text-bad">
            {stop.error.message}
          </p>
        ) : null}
      </div>
    </Dialog>
  )
}
