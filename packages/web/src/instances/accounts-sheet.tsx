import { useState } from 'react'
import type { ProviderAccount, RentedProviderKind } from '@pilothouse/contract'
import { PilothouseError } from '@pilothouse/contract/wire'
import { Trash2 } from 'lucide-react'
import { useServerNow } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { CheckField, ChoiceField, TextField } from '../ui/fields.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { useInstanceChanges } from './use-instances.ts'

const providers = [
  ['vast', 'vast.ai'],
  ['runpod', 'RunPod'],
] as const
type Entry = {
  name: string
  provider: RentedProviderKind
  apiKey: string
  url: string
  isOwn: boolean
  trustsNewHosts: boolean
}
const empty: Entry = {
  name: '',
  provider: 'vast',
  apiKey: '',
  url: '',
  isOwn: false,
  trustsNewHosts: false,
}

/** Accounts at providers, and one more. Keys go in and are never shown again. */
export function AccountsSheet({ accounts, onClose }: { accounts: readonly ProviderAccount[]; onClose: () => void }) {
  return (
    <Sheet open onClose={onClose} title="Accounts at providers">
      <div className="flex flex-col gap-6 px-4 py-4 sm:px-6">
        {accounts.length === 0 ? (
          <p className="text-muted">There is none yet. An account’s machines are listed with what they do and cost.</p>
        ) : (
          <ul aria-label="Accounts" className="flex flex-col gap-2">
            {accounts.map((account) => (
              <AccountRow key={account.id} account={account} />
            ))}
          </ul>
        )}
        <AddForm />
      </div>
    </Sheet>
  )
}

function AccountRow({ account }: { account: ProviderAccount }) {
  const now = useServerNow(5_000)
  const { name, provider, url, readAt, trouble, trustsNewHosts } = account
  const { removeAccount } = useInstanceChanges()
  const [isLeaving, setLeaving] = useState(false)
  const close = (): void => setLeaving(false)
  return (
    <li className="flex flex-col gap-1 rounded-md border border-line p-3">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
        <Button look="quiet" square aria-label={`Forget ${name}`} title="Forget" onClick={() => setLeaving(true)}>
          <Trash2 size={14} aria-hidden />
        </Button>
      </div>
      <p className="text-12 wrap-anywhere text-muted">
        {provider}
        {url === null ? '' : ` at ${url}`},{' '}
        {readAt === null ? (
          'not listed yet'
        ) : (
          <>
            listed <TimeAgo at={readAt} now={now} />
          </>
        )}
        {trustsNewHosts ? ', keys of new machines are believed' : ''}
      </p>
      {trouble === null ? null : (
        <p className="rounded-md bg-bad-soft px-2.5 py-1.5 wrap-anywhere text-bad">
          {trouble.message} {trouble.hint}
        </p>
      )}
      {isLeaving ? (
        <Dialog
          open
          onClose={close}
          title={`Forget «${name}»?`}
          actions={
            <>
              <Button onClick={close}>Keep it</Button>
              <Button
                look="danger"
                disabled={removeAccount.isPending}
                onClick={() => removeAccount.mutate(account, { onSuccess: close })}
              >
                Forget account
              </Button>
            </>
          }
        >
          <p className="text-muted">
            Its machines go on and are billed by their provider. Here its key goes, and what is known of its machines
            and their cost.
          </p>
        </Dialog>
      ) : null}
    </li>
  )
}

function AddForm() {
  const [draft, setDraft] = useState(empty)
  const { addAccount } = useInstanceChanges()
  const change = (part: Partial<typeof empty>): void => setDraft((before) => ({ ...before, ...part }))
  const { error } = addAccount
  const faultOf = (field: string): string | undefined =>
    error instanceof PilothouseError && error.field === field ? error.message : undefined
  const isKnown = error instanceof PilothouseError && ['name', 'apiKey', 'url'].includes(error.field ?? '')
  const { name, provider, apiKey, url, isOwn, trustsNewHosts } = draft
  const add = (): void => {
    if (addAccount.isPending) return
    const key = isOwn ? ({ keyFrom: 'client' } as const) : { apiKey: apiKey.trim() === '' ? null : apiKey.trim() }
    const body = { name: name.trim(), provider, trustsNewHosts, url: url.trim() === '' ? null : url.trim(), ...key }
    addAccount.mutate(body, { onSuccess: () => setDraft(empty) })
  }
  return (
    <form
      noValidate
      aria-labelledby="add-account"
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        add()
      }}
    >
      <h3 id="add-account" className="font-medium">
        Add an account
      </h3>
      <TextField
        label="Name"
        value={name}
        placeholder="lab"
        fault={faultOf('name')}
        onChange={(one) => change({ name: one })}
      />
      <ChoiceField
        label="Provider"
        value={provider}
        choices={providers}
        onChange={(one) => change({ provider: one })}
      />
      <CheckField
        label="Use the key that its own client keeps on the server’s machine"
        isOn={isOwn}
        onChange={(one) => change({ isOwn: one, apiKey: '' })}
      />
      {isOwn ? null : (
        <TextField
          label="Key"
          type="password"
          mono
          value={apiKey}
          fault={faultOf('apiKey')}
          hint="It is kept encrypted and never shown again"
          onChange={(one) => change({ apiKey: one })}
        />
      )}
      <TextField
        label="Another address of its API"
        type="url"
        mono
        value={url}
        placeholder="its own"
        fault={faultOf('url')}
        onChange={(one) => change({ url: one })}
      />
      <div className="flex flex-col gap-1">
        <CheckField
          label="Believe the ssh key of a machine that is new"
          isOn={trustsNewHosts}
          onChange={(one) => change({ trustsNewHosts: one })}
        />
        <p className="text-12 text-muted">
          Providers do not tell the keys of their machines. With this the first key that a machine shows is kept, and
          any other refused from then on. Without it jobs are launched only on machines whose key an admin has put on
          record.
        </p>
      </div>
      {error && !isKnown ? (
        <p role="alert" className="wrap-anywhere text-bad">
          {error.message}
        </p>
      ) : null}
      <Button type="submit" look="primary" className="self-end" disabled={addAccount.isPending}>
        {addAccount.isPending ? 'Listing its machines …' : 'Add account'}
      </Button>
    </form>
  )
}
