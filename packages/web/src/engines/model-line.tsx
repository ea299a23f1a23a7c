import { CopyButton } from '../ui/copyable.tsx'
import { describePrice, type ModelRow } from './engine-words.ts'

/** A model with its price, to be copied. */
export function ModelLine({ row, currency }: { row: ModelRow; currency: string | undefined }) {
  const { model, isKnown, price } = row
  return (
    <li className="flex min-h-7 items-center gap-2">
      <span className={`min-w-0 flex-1 font-mono wrap-anywhere text-12 ${isKnown ? '' : 'text-muted'}`}>{model}</span>
      {isKnown ? null : <span className="shrink-0 text-12 text-faint">not listed</span>}
      {price === undefined ? null : (
        <span className="shrink-0 text-12 text-muted" title="A million tokens in, a million tokens out">
          {describePrice(price, currency)}
        </span>
      )}
      <CopyButton text={model} label={`Copy ${model}`} />
    </li>
  )
}
