import { useState } from 'react'
import type { InstanceAction, RentedInstance } from '@pilothouse/contract'
import { PilothouseError } from '@pilothouse/contract/wire'
import { Play, Square, Tag, Trash2 } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { CheckField, TextField } from '../ui/fields.tsx'
import { describeLoss, nameInstance } from './instance-words.ts'
import { useInstanceChanges } from './use-instances.ts'

type Open = 'stop' | 'destroy' | 'label' | null

/** What can be done to a machine, for those who may. */
export function InstanceActions({ instance }: { instance: RentedInstance }) {
  const [open, setOpen] = useState<Open>(null)
  const { order } = useInstanceChanges()
  const { facts, can, goneSince } = instance
  if (goneSince !== null) return null
  const mayStop = can.includes('stop') && (facts.status === 'running' || facts.status === 'loading')
  const mayStart = can.includes('start') && (facts.status === 'stopped' || facts.status === 'exited')
  const close = (): void => setOpen(null)
  return (
    <div
      role="group"
      aria-label={`What to do with ${nameInstance(instance)}`}
      className="flex flex-wrap items-center gap-1.5 border-t border-line pt-3"
    >
      {mayStart ? (
        <Button disabled={order.isPending} onClick={() => order.mutate({ id: instance.id, action: 'start' })}>
          <Play size={14} aria-hidden /> Start
        </Button>
      ) : null}
      {mayStop ? (
        <Button onClick={() => setOpen('stop')}>
          <Square size={14} aria-hidden /> Stop
        </Button>
      ) : null}
      {can.includes('label') ? (
        <Button onClick={() => setOpen('label')}>
          <Tag size={14} aria-hidden /> Label
        </Button>
      ) : null}
      {can.includes('destroy') ? (
        <Button
          look="quiet"
          square
          className="ml-auto"
          aria-label={`Destroy ${nameInstance(instance)}`}
          title="Destroy"
          onClick={() => setOpen('destroy')}
        >
          <Trash2 size={14} aria-hidden />
        </Button>
      ) : null}
      {order.error && open === null ? (
        <p role="alert" className="basis-full wrap-anywhere text-bad">
          {order.error.message}
        </p>
      ) : null}
      {open === 'stop' || open === 'destroy' ? <EndDialog action={open} instance={instance} onClose={close} /> : null}
      {open === 'label' ? <LabelDialog instance={instance} onClose={close} /> : null}
    </div>
  )
}

type DialogProps = { instance: RentedInstance; onClose: () => void }

/** Names the machine and what is lost. Where reports lie on it, forcing is offered once it was refused. */
function EndDialog({ action, instance, onClose }: DialogProps & { action: Exclude<InstanceAction, 'start'> }) {
  const { order } = useInstanceChanges()
  const [force, setForce] = useState(false)
  const { error } = order
  const isHeld = error instanceof PilothouseError && error.code === 'conflict'
  const word = action === 'stop' ? 'Stop' : 'Destroy'
  const end = (): void => order.mutate({ id: instance.id, action, force }, { onSuccess: onClose })
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${word} «${nameInstance(instance)}»?`}
      actions={
        <>
          <Button onClick={onClose}>Let it be</Button>
          <Button look="danger" disabled={order.isPending} onClick={end}>
            {order.isPending ? 'Fetching reports …' : `${word} machine`}
          </Button>
        </>
      }
    >
      <p className="text-12 text-muted">
        {instance.facts.provider} {instance.facts.id}, account {instance.account.name}
      </p>
      <p className="pt-2 text-muted">{describeLoss(action, instance)}</p>
      {error ? (
        <div role="alert" className="flex flex-col gap-2 pt-2 wrap-anywhere text-bad">
          <p>{error.message}</p>
          {error instanceof PilothouseError ? <p>{error.hint}</p> : null}
        </div>
      ) : null}
      {isHeld ? (
        <CheckField label="Do it anyway: reports that were not sent are lost" isOn={force} onChange={setForce} />
      ) : null}
    </Dialog>
  )
}

function LabelDialog({ instance, onClose }: DialogProps) {
  const { edit } = useInstanceChanges()
  const [label, setLabel] = useState(instance.facts.label ?? '')
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Label of ${nameInstance(instance)}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={edit.isPending}
            onClick={() => edit.mutate({ id: instance.id, label }, { onSuccess: onClose })}
          >
            Save
          </Button>
        </>
      }
    >
      <TextField
        label="Label"
        value={label}
        onChange={setLabel}
        hint="Its provider keeps it. What jobs are launched on it by stays."
      />
    </Dialog>
  )
}
