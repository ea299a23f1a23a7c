import { useState, type ReactNode } from 'react'
import type { RateCard } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { DateField, NumberField, TextField } from '../ui/fields.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { emptyDraft, findRateFault, isCurrencyCode, toCard, toDrafts, type RateDraft } from './rate-words.ts'
import { useSetRates } from './use-rates.ts'

/** The rates to write, in the order in which they are looked through. */
export function RatesSheet({ card, onClose }: { card: RateCard; onClose: () => void }) {
  const [currency, setCurrency] = useState(card.currency)
  const [drafts, setDrafts] = useState(() => (card.rates.length > 0 ? toDrafts(card) : [emptyDraft(0)]))
  const set = useSetRates()
  const isComplete = isCurrencyCode(currency) && drafts.every((draft) => findRateFault(draft) === undefined)
  const save = (): void => {
    if (isComplete && !set.isPending) set.mutate(toCard(currency, drafts), { onSuccess: onClose })
  }
  const add = (): void => setDrafts([...drafts, emptyDraft(1 + Math.max(-1, ...drafts.map(({ id }) => id)))])
  const move = (at: number, by: number): void => {
    const next = [...drafts]
    next.splice(at + by, 0, ...next.splice(at, 1))
    setDrafts(next)
  }
  return (
    <Sheet
      open
      onClose={onClose}
      title="Rates"
      footer={
        <div className="flex items-center justify-end gap-2">
          {set.error ? (
            <p role="alert" className="mr-auto wrap-anywhere text-bad">
              {set.error.message}
            </p>
          ) : null}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!isComplete || set.isPending} onClick={save}>
            Save
          </Button>
        </div>
      }
    >
      <form
        className="flex flex-col gap-4 px-4 py-4 sm:px-6"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <TextField
          label="Currency of all rates"
          value={currency}
          hint="Three letters of ISO 4217, as USD or EUR. Amounts are not converted."
          onChange={setCurrency}
        />
        <p className="text-muted">
          Of each machine the first rate that matches counts, with both of its prices. A field that is left empty
          matches all; <code className="font-mono text-12">*</code> stands for any letters.
        </p>
        {drafts.length === 0 ? (
          <p className="rounded-md bg-sunken px-3 py-2 text-muted">Without rates no cost is shown anywhere.</p>
        ) : null}
        {drafts.map((draft, at) => (
          <RateFields
            key={draft.id}
            draft={draft}
            name={`Rate ${at + 1}`}
            onChange={(part) => setDrafts(drafts.map((one) => (one === draft ? { ...one, ...part } : one)))}
            onUp={at > 0 ? () => move(at, -1) : undefined}
            onDown={at < drafts.length - 1 ? () => move(at, 1) : undefined}
            onRemove={() => setDrafts(drafts.filter((one) => one !== draft))}
          />
        ))}
        <Button className="self-start" disabled={drafts.length >= limits.ratesMax} onClick={add}>
          <Plus size={14} aria-hidden /> Add a rate
        </Button>
        <button type="submit" className="hidden" aria-hidden tabIndex={-1} />
      </form>
    </Sheet>
  )
}

type FieldsProps = {
  draft: RateDraft
  name: string
  onChange: (part: Partial<RateDraft>) => void
  onUp: (() => void) | undefined
  onDown: (() => void) | undefined
  onRemove: () => void
}

function RateFields({ draft, name, onChange, onUp, onDown, onRemove }: FieldsProps) {
  const fault = findRateFault(draft)
  return (
    <fieldset className="min-w-0 rounded-lg border border-line px-3 pt-1 pb-3">
      <legend className="sr-only">{name}</legend>
      <div className="mb-1 flex items-center">
        <span className="mr-auto font-medium" aria-hidden>
          {name}
        </span>
        <Tool name={`Move ${name} up`} onClick={onUp}>
          <ArrowUp size={14} aria-hidden />
        </Tool>
        <Tool name={`Move ${name} down`} onClick={onDown}>
          <ArrowDown size={14} aria-hidden />
        </Tool>
        <Tool name={`Remove ${name}`} onClick={onRemove}>
          <X size={14} aria-hidden />
        </Tool>
      </div>
      <div className="grid grid-cols-2 gap-x-3 gap-y-2">
        <TextField label="GPU" value={draft.gpu} placeholder="any, as A100" onChange={(gpu) => onChange({ gpu })} />
        <TextField
          label="Target or host"
          value={draft.target}
          placeholder="any, as dgx*"
          onChange={(target) => onChange({ target })}
        />
        <TextField
          label="Project"
          value={draft.project}
          placeholder="any"
          onChange={(project) => onChange({ project })}
        />
        <DateField label="Jobs started from" value={draft.from} onChange={(from) => onChange({ from })} />
        <NumberField
          label="Price per GPU-hour"
          min={0}
          value={draft.gpuHour}
          onChange={(gpuHour) => onChange({ gpuHour })}
        />
        <NumberField
          label="Price per host-hour"
          min={0}
          value={draft.hostHour}
          onChange={(hostHour) => onChange({ hostHour })}
        />
      </div>
      {fault === undefined ? null : <p className="mt-2 text-12 text-muted">{fault}</p>}
    </fieldset>
  )
}

function Tool({ name, onClick, children }: { name: string; onClick: (() => void) | undefined; children: ReactNode }) {
  return (
    <Button look="quiet" square aria-label={name} title={name} disabled={!onClick} onClick={onClick}>
      {children}
    </Button>
  )
}
