import { useState } from 'react'
import type { ChannelCreate, ChannelKind } from '@pilothouse/contract'
import { channelKinds } from '@pilothouse/contract/wire'
import { Button } from '../ui/button.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { ChoiceField, TextField } from '../ui/fields.tsx'
import { useChannelChanges } from './use-channels.ts'

export const channelNames: Record<ChannelKind, string> = {
  webhook: 'Webhook',
  slack: 'Slack',
  discord: 'Discord',
  email: 'E-mail',
}

const hints: Record<Exclude<ChannelKind, 'email'>, string> = {
  webhook: 'Gets each alert as JSON, signed as in Standard Webhooks',
  slack: 'An incoming webhook, also of Mattermost, Rocket.Chat and others that take the same',
  discord: 'From the settings of the Discord channel, under Integrations',
}

type Fields = { kind: ChannelKind; name: string; url: string; to: string }

/** A channel to add. The key of a webhook is shown once, in its answer. */
export function ChannelSheet({ canMail, onClose }: { canMail: boolean; onClose: () => void }) {
  const [fields, setFields] = useState<Fields>({ kind: 'slack', name: '', url: '', to: '' })
  const { create } = useChannelChanges()
  const change = (part: Partial<Fields>): void => setFields((before) => ({ ...before, ...part }))
  const body = toBody(fields)
  const save = (): void => {
    if (!body || create.isPending) return
    create.mutate(body, { onSuccess: ({ secret }) => (secret === null ? onClose() : undefined) })
  }
  const secret = create.data?.secret ?? null
  return (
    <Sheet
      open
      onClose={onClose}
      title={secret === null ? 'Add a channel' : 'The channel is added'}
      footer={
        <div className="flex items-center justify-end gap-2">
          {create.error ? (
            <p role="alert" className="mr-auto wrap-anywhere text-bad">
              {create.error.message}
            </p>
          ) : null}
          {secret === null ? (
            <>
              <Button onClick={onClose}>Cancel</Button>
              <Button look="primary" disabled={!body || create.isPending} onClick={save}>
                Add channel
              </Button>
            </>
          ) : (
            <Button look="primary" onClick={onClose}>
              Done
            </Button>
          )}
        </div>
      }
    >
      {secret === null ? (
        <ChannelForm fields={fields} change={change} save={save} canMail={canMail} />
      ) : (
        <div className="flex flex-col gap-3 px-4 py-4 sm:px-6">
          <p>
            Its messages are signed with this key. It is shown this once: give it to what receives them, which then
            knows that they come from here.
          </p>
          <Copyable text={secret} label="the key" />
        </div>
      )}
    </Sheet>
  )
}

type FormProps = { fields: Fields; change: (part: Partial<Fields>) => void; save: () => void; canMail: boolean }

function ChannelForm({ fields, change, save, canMail }: FormProps) {
  const { kind, name, url, to } = fields
  return (
    <form
      className="flex flex-col gap-4 px-4 py-4 sm:px-6"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <ChoiceField
        label="Kind"
        value={kind}
        choices={channelKinds.map((one) => [one, channelNames[one]] as const)}
        onChange={(chosen) => change({ kind: chosen })}
      />
      <TextField label="Name" value={name} placeholder="#training" onChange={(text) => change({ name: text })} />
      {kind === 'email' ? (
        <TextField
          label="Addresses"
          hint={
            canMail
              ? 'With commas between them'
              : 'This server has no mail server yet: it is named by PILOTHOUSE_SMTP_URL when it starts.'
          }
          value={to}
          placeholder="anna@example.org"
          onChange={(text) => change({ to: text })}
        />
      ) : (
        <TextField
          label="Address"
          type="url"
          mono
          hint={hints[kind]}
          value={url}
          placeholder="https://…"
          onChange={(text) => change({ url: text })}
        />
      )}
      <button type="submit" className="hidden" aria-hidden tabIndex={-1} />
    </form>
  )
}

/** undefined while something is missing. */
function toBody({ kind, name, url, to }: Fields): ChannelCreate | undefined {
  if (name.trim() === '') return undefined
  if (kind === 'email') {
    const addresses = to.split(/[\s,;]+/).filter(Boolean)
    return addresses.length === 0 ? undefined : { kind, name: name.trim(), to: addresses }
  }
  return URL.canParse(url.trim()) ? { kind, name: name.trim(), url: url.trim() } : undefined
}
