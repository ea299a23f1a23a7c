import { useEffect, useRef, useState } from 'react'
import type { Engine } from '@pilothouse/contract'
import { Button } from '../ui/button.tsx'
import { CheckField, TextField } from '../ui/fields.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { AreaField } from '../launches/field-parts.tsx'
import {
  emptyDraft,
  findDraftFaults,
  readServerFaults,
  toCreate,
  toDraft,
  toPatch,
  type EngineDraft,
  type EngineFaults,
} from './engine-draft.ts'
import { PriceFields } from './price-fields.tsx'
import { useEngineChanges } from './use-engines.ts'

type SheetProps = {
  /** Absent: another one is added. */
  engine?: Engine
  currency: string | undefined
  onClose: () => void
}

/** An engine to add, or to change. Its key goes in and is never shown again. */
export function EngineSheet({ engine: given, currency, onClose }: SheetProps) {
  /** As it was when the sheet opened: what others change meanwhile is not what was changed here. */
  const [engine] = useState(given)
  const { draft, change, faults, rest, error, sent, isPending, save } = useEngineDraft(engine, onClose)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => leadToFault(form.current), [sent, error])
  return (
    <Sheet
      open
      onClose={onClose}
      title={engine ? `Change ${engine.name}` : 'Add an engine'}
      footer={
        <div className="flex items-center justify-end gap-2">
          {rest === undefined ? null : (
            <p role="alert" className="mr-auto wrap-anywhere text-bad">
              {rest}
            </p>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={isPending} onClick={save}>
            {isPending ? 'Looking at it …' : engine ? 'Save' : 'Add engine'}
          </Button>
        </div>
      }
    >
      <form
        ref={form}
        noValidate
        className="flex flex-col gap-4 px-4 py-4 sm:px-6"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <PlaceFields draft={draft} faults={faults} change={change} />
        <KeyFields engine={engine} draft={draft} faults={faults} change={change} />
        <BoundFields draft={draft} faults={faults} change={change} />
        <PriceFields
          prices={draft.prices}
          models={engine?.models ?? []}
          currency={currency}
          fault={faults.prices}
          onChange={(prices) => change({ prices })}
        />
        <button type="submit" className="hidden" aria-hidden tabIndex={-1} />
      </form>
    </Sheet>
  )
}

/** What is written, what is wrong with it, and how it is sent. */
function useEngineDraft(engine: Engine | undefined, onSaved: () => void) {
  const [draft, setDraft] = useState(() => (engine ? toDraft(engine) : emptyDraft))
  /** What was sent: faults are told of that, and not while somebody writes. */
  const [sent, setSent] = useState<EngineDraft>()
  const { create, edit } = useEngineChanges()
  const { isPending, error } = engine ? edit : create
  const own = findDraftFaults(draft)
  const { rest, ...fromServer } = readServerFaults(error)
  const save = (): void => {
    if (isPending) return
    setSent(draft)
    create.reset()
    edit.reset()
    if (Object.keys(own).length > 0) return
    if (engine) edit.mutate({ id: engine.id, ...toPatch(draft, engine) }, { onSuccess: onSaved })
    else create.mutate(toCreate(draft), { onSuccess: onSaved })
  }
  return {
    draft,
    change: (part: Partial<EngineDraft>): void => setDraft((before) => ({ ...before, ...part })),
    faults: sent === draft ? { ...fromServer, ...own } : {},
    rest,
    error,
    sent,
    isPending,
    save,
  }
}

/** What is wrong may lie above what is seen. */
function leadToFault(form: HTMLFormElement | null): void {
  const fault = form?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]')
  fault?.scrollIntoView({ block: 'nearest' })
  fault?.focus()
}

type PartProps = { draft: EngineDraft; faults: EngineFaults; change: (part: Partial<EngineDraft>) => void }

function PlaceFields({ draft, faults, change }: PartProps) {
  return (
    <>
      <TextField
        label="Name"
        value={draft.name}
        placeholder="lab"
        fault={faults.name}
        onChange={(name) => change({ name })}
      />
      <TextField
        label="Address"
        type="url"
        mono
        value={draft.baseUrl}
        placeholder="http://127.0.0.1:8000"
        hint="Where it speaks OpenAI’s API, with or without /v1; as the machine of the control room reaches it"
        fault={faults.baseUrl}
        onChange={(baseUrl) => change({ baseUrl })}
      />
    </>
  )
}

function KeyFields({ engine, draft, faults, change }: PartProps & { engine: Engine | undefined }) {
  const hasKey = engine?.hasKey ?? false
  return (
    <div className="flex flex-col gap-2">
      {draft.dropsKey ? null : (
        <TextField
          label={hasKey ? 'Another key' : 'Key'}
          type="password"
          mono
          value={draft.apiKey}
          placeholder={hasKey ? 'the one it has stays' : 'none'}
          hint={hintOfKey(draft, engine)}
          fault={faults.apiKey}
          onChange={(apiKey) => change({ apiKey })}
        />
      )}
      {hasKey ? (
        <CheckField
          label="Take its key away"
          isOn={draft.dropsKey}
          onChange={(dropsKey) => change({ dropsKey, apiKey: '' })}
        />
      ) : null}
    </div>
  )
}

function BoundFields({ draft, faults, change }: PartProps) {
  return (
    <>
      <AreaField
        label="Models by hand"
        rows={3}
        value={draft.models}
        placeholder="one a line"
        hint="For an engine that lists none. Empty: those that it lists at /v1/models"
        fault={faults.models}
        onChange={(models) => change({ models })}
      />
      <TextField
        label="Requests at once, at most"
        value={draft.limit}
        placeholder="found out"
        hint="Empty: as many as it computes side by side, which is found out by itself"
        fault={faults.concurrencyMax}
        onChange={(limit) => change({ limit })}
      />
    </>
  )
}

function hintOfKey({ baseUrl, apiKey }: EngineDraft, engine: Engine | undefined): string {
  if (engine?.hasKey && apiKey === '' && baseUrl.trim() !== engine.baseUrl)
    return 'The new address gets the key that is kept, unless you enter another or take it away'
  return 'Sent as a bearer token. It is kept encrypted and never shown again'
}
