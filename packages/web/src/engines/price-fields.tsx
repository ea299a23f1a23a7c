import { useId } from 'react'
import { limits } from '@pilothouse/contract/wire'
import { Plus, X } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { NumberField, TextField } from '../ui/fields.tsx'
import { addPrice, findPriceFault, type PriceDraft } from './engine-draft.ts'

type FieldsProps = {
  prices: readonly PriceDraft[]
  /** To choose from while one writes. */
  models: readonly string[]
  currency: string | undefined
  /** Prices were sent that are wrong. */
  fault: string | undefined
  onChange: (prices: PriceDraft[]) => void
}

/** What a million tokens cost, by model. */
export function PriceFields({ prices, models, currency, fault, onChange }: FieldsProps) {
  const id = useId()
  const rows = prices.map((price) => findPriceFault(price, prices))
  return (
    <div role="group" aria-labelledby={id} className="flex flex-col gap-2">
      <p id={id} className="text-12 text-muted">
        Prices of a million tokens{currency === undefined ? '' : `, in ${currency}`}
      </p>
      {prices.map((price, at) => (
        <PriceRow
          key={price.id}
          price={price}
          name={`Price ${at + 1}`}
          models={models}
          fault={fault === undefined ? undefined : rows[at]}
          onChange={(part) => onChange(prices.map((one) => (one === price ? { ...one, ...part } : one)))}
          onRemove={() => onChange(prices.filter((one) => one !== price))}
        />
      ))}
      {fault === undefined || rows.some((one) => one !== undefined) ? null : (
        <p role="alert" className="text-12 wrap-anywhere text-bad">
          {fault}
        </p>
      )}
      <Button
        className="self-start"
        disabled={prices.length >= limits.engineModelsMax}
        onClick={() => onChange(addPrice(prices))}
      >
        <Plus size={14} aria-hidden /> Add a price
      </Button>
    </div>
  )
}

type RowProps = {
  price: PriceDraft
  name: string
  models: readonly string[]
  fault: string | undefined
  onChange: (part: Partial<PriceDraft>) => void
  onRemove: () => void
}

function PriceRow({ price, name, models, fault, onChange, onRemove }: RowProps) {
  return (
    <fieldset className="min-w-0 rounded-lg border border-line px-3 pt-1.5 pb-3">
      <legend className="sr-only">{name}</legend>
      <div className="grid grid-cols-2 items-start gap-x-3 gap-y-2">
        <div className="col-span-full flex items-end gap-2">
          <TextField
            label="Model"
            mono
            value={price.model}
            suggestions={models}
            onChange={(model) => onChange({ model })}
          />
          <Button look="quiet" square aria-label={`Remove ${name}`} title="Remove" onClick={onRemove}>
            <X size={14} aria-hidden />
          </Button>
        </div>
        <NumberField label="Tokens in" min={0} value={price.input} onChange={(input) => onChange({ input })} />
        <NumberField label="Tokens out" min={0} value={price.output} onChange={(output) => onChange({ output })} />
      </div>
      {fault === undefined ? null : (
        <p role="alert" className="mt-2 text-12 text-bad">
          {fault}
        </p>
      )}
    </fieldset>
  )
}
