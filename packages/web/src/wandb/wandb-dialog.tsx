import { useId, useState } from 'react'
import type { WandbKey } from '@pilothouse/contract'
import { toWandbPage, wandbService } from '@pilothouse/contract/wire'
import { useServerNow } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/fields.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { useWandbCalls, useWandbKeys } from './use-wandb-keys.ts'

/** Keys that runs of one's jobs are read from W&B with. `server`: the address that a key is entered for. */
export function WandbDialog({ server = wandbService, onClose }: { server?: string; onClose: () => void }) {
  const formId = useId()
  const found = useWandbKeys()
  const calls = useWandbCalls()
  const [address, setAddress] = useState(toWandbPage(server))
  const [key, setKey] = useState('')
  const keys = found.data?.keys ?? []
  const trimmed = { baseUrl: address.trim(), key: key.trim() }
  const isFilled = trimmed.key !== '' && URL.canParse(trimmed.baseUrl)
  const save = (): void => {
    if (calls.set.isPending || !isFilled) return
    calls.set.mutate(trimmed, { onSuccess: () => setKey('') })
  }
  const failed = calls.set.error ?? calls.test.error ?? calls.remove.error ?? found.error
  return (
    <Dialog
      open
      onClose={onClose}
      title="Weights & Biases"
      actions={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" type="submit" form={formId} disabled={calls.set.isPending || !isFilled}>
            Save
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <p className="text-muted">
          When the log of one of your jobs names a run at W&amp;B, its metrics are read from there and stand beside the
          others, as «wandb/…». That takes an API key of yours. It is kept sealed and never shown again.
        </p>
        <ul aria-label="Keys" className="flex flex-col gap-2">
          {keys.map((one) => (
            <KeyItem key={`${one.baseUrl} ${one.source}`} known={one} calls={calls} />
          ))}
        </ul>
        <TextField label="Server" type="url" value={address} onChange={setAddress} />
        <TextField
          label="API key"
          type="password"
          autoFocus
          hint={`It stands at ${toWandbPage(trimmed.baseUrl === '' ? server : trimmed.baseUrl)}/authorize`}
          value={key}
          onChange={setKey}
        />
        {failed ? (
          <p role="alert" className="wrap-anywhere text-bad">
            {failed.message}
          </p>
        ) : null}
      </form>
    </Dialog>
  )
}

const sources = {
  member: null,
  environment: 'from WANDB_API_KEY of the server',
  netrc: 'from the netrc file of the server',
} as const

function KeyItem({ known, calls }: { known: WandbKey; calls: ReturnType<typeof useWandbCalls> }) {
  const now = useServerNow()
  const { baseUrl, source, user, fault, checkedAt } = known
  const tested = calls.test.data?.baseUrl === baseUrl ? calls.test.data : known
  const isBusy = calls.test.isPending || calls.remove.isPending
  return (
    <li className="flex flex-wrap items-center gap-x-2 gap-y-1 rounded-md border border-line px-3 py-2">
      <span className="min-w-0 flex-1 basis-40">
        <span className="block truncate font-medium">{new URL(toWandbPage(baseUrl)).host}</span>
        <span
          className={`block text-12 wrap-anywhere ${(tested.fault ?? fault) ? 'text-warn' : 'text-muted'}`}
          role="status"
        >
          {tested.fault ??
            [(tested.user ?? user) && `as ${tested.user ?? user ?? ''}`, sources[source]].filter(Boolean).join(' · ')}
          {checkedAt === null || tested.fault ? null : (
            <>
              {' · checked '}
              <TimeAgo at={checkedAt} now={now} />
            </>
          )}
        </span>
      </span>
      <Button
        disabled={isBusy}
        aria-label={`Test the key for ${baseUrl}`}
        onClick={() => calls.test.mutate({ baseUrl })}
      >
        Test
      </Button>
      {source === 'member' ? (
        <Button
          disabled={isBusy}
          aria-label={`Remove the key for ${baseUrl}`}
          onClick={() => calls.remove.mutate(baseUrl)}
        >
          Remove
        </Button>
      ) : null}
    </li>
  )
}
