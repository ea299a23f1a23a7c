import type { BatchCard } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useBatchChanges } from './use-batches.ts'

type CancelProps = { batch: Pick<BatchCard, 'id' | 'name' | 'counts'>; onClose: () => void }

/** A cancelled batch does not go on, so this asks first. */
export function CancelDialog({ batch, onClose }: CancelProps) {
  const { cancel } = useBatchChanges()
  const { total, completed, failed } = batch.counts
  const left = total - completed - failed
  return (
    <Dialog
      open
      onClose={onClose}
      title="Cancel this batch?"
      actions={
        <>
          <Button onClick={onClose}>Let it go on</Button>
          <Button
            look="danger"
            disabled={cancel.isPending}
            onClick={() => cancel.mutate(batch, { onSuccess: onClose })}
          >
            {cancel.isPending ? 'Cancelling …' : 'Cancel batch'}
          </Button>
        </>
      }
    >
      <p className="font-medium wrap-anywhere">{batch.name}</p>
      <p className="pt-2 text-muted">
        {left > 0
          ? `${formatCount(left)} of its ${formatCount(total)} requests have no answer yet, and will get none.`
          : 'What has no answer yet will get none.'}{' '}
        Answers that are there are kept in its files. It cannot be taken up again; its requests can be sent anew.
      </p>
    </Dialog>
  )
}
