import { useState } from 'react'
import type { Engine } from '@pilothouse/contract'
import { SearchField } from '../ui/search-field.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { countModels, listModelRows } from './engine-words.ts'
import { ModelLine } from './model-line.tsx'

/** More are looked for instead of read. */
const searchFrom = 10

type SheetProps = { engine: Engine; currency: string | undefined; onClose: () => void }

/** All models of an engine. */
export function ModelsSheet({ engine, currency, onClose }: SheetProps) {
  const [text, setText] = useState('')
  const all = listModelRows(engine)
  const wanted = text.trim().toLowerCase()
  const rows = all.filter(({ model }) => model.toLowerCase().includes(wanted))
  return (
    <Sheet open onClose={onClose} title={`Models of ${engine.name}`}>
      <div className="flex flex-col gap-3 px-4 py-4 sm:px-6">
        <p className="text-muted">
          {countModels(engine.models.length)},{' '}
          {engine.areModelsGiven ? 'named by hand.' : 'as the engine listed them last.'}
          {engine.prices.length > 0 ? ' Prices are of a million tokens.' : ''}
        </p>
        {all.length > searchFrom ? (
          <SearchField label="Find a model" text={text} onText={setText} className="w-full" />
        ) : null}
        <ul aria-label={`All models of ${engine.name}`} className="flex flex-col gap-0.5">
          {rows.map((row) => (
            <ModelLine key={row.model} row={row} currency={currency} />
          ))}
        </ul>
        {rows.length === 0 ? <p className="text-muted">No model is called like this.</p> : null}
      </div>
    </Sheet>
  )
}
