import { lazy, Suspense, useState } from 'react'
import type { RateCard } from '@pilothouse/contract'
import { formatPrice } from '@pilothouse/signals'
import { Button } from '../ui/button.tsx'
import { describeRate } from './rate-words.ts'
import { useRates } from './use-rates.ts'

/** Fetched when somebody writes rates. */
const RatesSheet = lazy(async () => ({ default: (await import('./rates-sheet.tsx')).RatesSheet }))

const cell = 'border-t border-line px-3 py-2 align-top first:pl-4 last:pr-4'

/** What hours of GPUs and hosts cost, and so what jobs cost. */
export function RatesPanel() {
  const rates = useRates()
  const [isOpen, setOpen] = useState(false)
  const card = rates.data
  return (
    <section aria-label="Rates" className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="flex min-h-10 flex-wrap items-center gap-x-4 pr-1.5 pl-4">
        <h2 className="mr-auto font-medium">
          Rates{' '}
          <span className="font-normal text-muted">{card && card.rates.length > 0 ? `in ${card.currency}` : ''}</span>
        </h2>
        {card ? (
          <Button look="quiet" onClick={() => setOpen(true)}>
            {card.rates.length > 0 ? 'Change' : 'Set rates'}
          </Button>
        ) : null}
      </div>
      {rates.error ? (
        <p role="alert" className="border-t border-line px-4 py-3 text-bad">
          The rates could not be read: {rates.error.message}
        </p>
      ) : null}
      {rates.isPending ? <div className="waits h-24 border-t border-line bg-hover" aria-busy="true" /> : null}
      {card ? <Rates card={card} /> : null}
      {card && isOpen ? (
        <Suspense fallback={null}>
          <RatesSheet card={card} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </section>
  )
}

function Rates({ card }: { card: RateCard }) {
  if (card.rates.length === 0)
    return (
      <p className="border-t border-line px-4 py-3 text-muted">
        Nobody has said what hours cost, so no cost is shown anywhere. With a price per GPU-hour or per host-hour, jobs
        and statistics show what they cost, in past weeks too.
      </p>
    )
  return (
    <>
      <table className="w-full border-collapse text-left">
        <thead className="text-12 text-faint">
          <tr>
            {['For', 'Per GPU-hour', 'Per host-hour'].map((name, at) => (
              <th key={name} scope="col" className={`${cell} py-1.5 font-normal ${at > 0 ? 'text-right' : ''}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {card.rates.map((rate, at) => (
            <tr key={at}>
              <td className={`${cell} wrap-anywhere`}>{describeRate(rate)}</td>
              <Price price={rate.gpuHour} currency={card.currency} />
              <Price price={rate.hostHour} currency={card.currency} />
            </tr>
          ))}
        </tbody>
      </table>
      <p className="border-t border-line px-4 py-3 text-muted">
        Of each machine the first rate that matches counts. Costs are worked out by the rates as they are now, those of
        past jobs too. When a price changes, put a rate with the day from which it holds above the old one.
      </p>
    </>
  )
}

function Price({ price, currency }: { price: number | null; currency: string }) {
  return (
    <td className={`${cell} text-right whitespace-nowrap ${price === null ? 'text-faint' : 'font-medium'}`}>
      {price === null ? '–' : formatPrice(price, currency)}
    </td>
  )
}
