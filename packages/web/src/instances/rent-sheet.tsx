import { useState } from 'react'
import type { ProviderAccount, RentalOffer } from '@pilothouse/contract'
import { formatBytes } from '@pilothouse/signals'
import { Button } from '../ui/button.tsx'
import { ChoiceField, NumberField, TextField } from '../ui/fields.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { AreaField } from '../launches/field-parts.tsx'
import { formatRate } from './instance-words.ts'
import { type OfferWishes, useInstanceChanges, useOffers } from './use-instances.ts'

type SheetProps = { accounts: readonly ProviderAccount[]; onClose: () => void }

/** Offers to choose from, and what runs on the machine. What an hour costs stands on the button that orders it. */
export function RentSheet({ accounts, onClose }: SheetProps) {
  const able = accounts.filter(({ can }) => can.includes('search') && can.includes('create'))
  const [wishes, setWishes] = useState<OfferWishes>({ account: able[0]?.id ?? 0, gpu: '', perHourMax: '' })
  const [asked, setAsked] = useState<OfferWishes>()
  const [chosen, setChosen] = useState<RentalOffer>()
  const [order, setOrder] = useState({ image: 'pytorch/pytorch', diskGb: 40, label: '', sshKeys: '' })
  const { rent } = useInstanceChanges()
  const change = (part: Partial<OfferWishes>): void => {
    setWishes((before) => ({ ...before, ...part }))
    setChosen(undefined)
  }
  const { account } = wishes
  const send = (offer: RentalOffer): void =>
    rent.mutate(
      {
        account,
        offerId: offer.id,
        image: order.image,
        diskGb: order.diskGb,
        label: order.label.trim() === '' ? null : order.label.trim(),
        sshKeys: order.sshKeys.split('\n').filter((line) => line.trim() !== ''),
      },
      { onSuccess: onClose },
    )
  const isWhole = chosen !== undefined && order.image.trim() !== '' && order.diskGb >= 1
  return (
    <Sheet
      open
      onClose={onClose}
      title="Rent a machine"
      footer={
        <div className="flex flex-wrap items-center justify-end gap-2">
          {rent.error ? (
            <p role="alert" className="mr-auto wrap-anywhere text-bad">
              {rent.error.message}
            </p>
          ) : null}
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={!isWhole || rent.isPending}
            onClick={() => (chosen ? send(chosen) : undefined)}
          >
            {rent.isPending
              ? 'Ordering …'
              : chosen
                ? `Rent for ${formatRate(chosen.perHour, chosen.currency)}/h`
                : 'Choose an offer'}
          </Button>
        </div>
      }
    >
      <div className="flex flex-col gap-4 px-4 py-4 sm:px-6">
        {able.length === 0 ? (
          <p className="text-muted">
            None of the accounts can search for machines. Rent one at its provider: it is listed here then.
          </p>
        ) : null}
        <form
          className="flex flex-wrap items-end gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            setAsked(wishes)
          }}
        >
          <ChoiceField
            label="Account"
            value={String(account)}
            choices={able.map(({ id, name, provider }) => [String(id), `${name} (${provider})`] as const)}
            onChange={(id) => change({ account: Number(id) })}
          />
          <TextField label="GPU" value={wishes.gpu} placeholder="any" onChange={(gpu) => change({ gpu })} />
          <TextField
            label="At most, USD an hour"
            value={wishes.perHourMax}
            placeholder="any"
            onChange={(perHourMax) => change({ perHourMax })}
          />
          <Button type="submit" disabled={able.length === 0}>
            Search
          </Button>
        </form>
        {asked === undefined ? null : <Offers wishes={asked} chosen={chosen?.id} onChoose={setChosen} />}
        <TextField label="Image" mono value={order.image} onChange={(image) => setOrder({ ...order, image })} />
        <NumberField
          label="Disk"
          unit="GB"
          min={1}
          value={order.diskGb}
          onChange={(diskGb) => setOrder({ ...order, diskGb })}
        />
        <TextField
          label="Label"
          value={order.label}
          placeholder="none"
          onChange={(label) => setOrder({ ...order, label })}
          hint="Jobs are launched on it by this name"
        />
        <AreaField
          label="Public keys that may log in"
          rows={2}
          value={order.sshKeys}
          placeholder="ssh-ed25519 … one a line; those of the account may do anyway"
          fault={undefined}
          onChange={(sshKeys) => setOrder({ ...order, sshKeys })}
        />
      </div>
    </Sheet>
  )
}

type OffersProps = { wishes: OfferWishes; chosen: string | undefined; onChoose: (offer: RentalOffer) => void }

function Offers({ wishes, chosen, onChoose }: OffersProps) {
  const offers = useOffers(wishes, true)
  if (offers.error)
    return (
      <p role="alert" className="wrap-anywhere text-bad">
        {offers.error.message}
      </p>
    )
  if (!offers.data) return <p className="waits text-muted">Its provider is being asked …</p>
  const list = offers.data.offers
  if (list.length === 0)
    return <p className="text-muted">Nothing like this is offered now. Ask for less, or for more money.</p>
  return (
    <fieldset className="flex max-h-80 flex-col overflow-y-auto rounded-md border border-line">
      <legend className="sr-only">Offers</legend>
      {list.map((offer) => (
        <label
          key={offer.id}
          className="touchable flex items-center gap-3 border-b border-line px-3 py-2 last:border-b-0 has-checked:bg-accent-soft"
        >
          <input
            type="radio"
            name="offer"
            className="size-4 accent-(--accent)"
            checked={offer.id === chosen}
            onChange={() => onChoose(offer)}
          />
          <span className="min-w-0 flex-1">
            <span className="block font-medium">
              {offer.gpuCount === 1 ? offer.gpuName : `${offer.gpuCount} × ${offer.gpuName}`}
            </span>
            <span className="block text-12 wrap-anywhere text-muted">{describeOffer(offer)}</span>
          </span>
          <span className="font-medium tabular-nums">{formatRate(offer.perHour, offer.currency)}/h</span>
        </label>
      ))}
    </fieldset>
  )
}

function describeOffer({ gpuMemoryBytes, memoryBytes, cpus, diskBytes, region, reliability }: RentalOffer): string {
  return [
    ...(gpuMemoryBytes === null ? [] : [`${formatBytes(gpuMemoryBytes)} of GPU memory`]),
    ...(cpus === null ? [] : [`${Math.round(cpus)} CPUs`]),
    ...(memoryBytes === null ? [] : [`${formatBytes(memoryBytes)} memory`]),
    ...(diskBytes === null ? [] : [`${formatBytes(diskBytes)} disk`]),
    ...(region === null ? [] : [region]),
    ...(reliability === null ? [] : [`${(100 * reliability).toFixed(1)} % reliable, it says`]),
  ].join(' · ')
}
