import { useState } from 'react'
import type { SampleKey } from '@pilothouse/contract'
import { formatBytes, formatCount } from '@pilothouse/signals'
import { ChartNoAxesColumn, ChevronDown, Image, Table2, Type } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { Menu, MenuChoices } from '../ui/menu.tsx'
import { SearchField } from '../ui/search-field.tsx'

const icons = { image: Image, table: Table2, histogram: ChartNoAxesColumn, text: Type }
/** From so many keys on, a field to search them helps. */
const searchFrom = 9

type KeyListProps = { keys: readonly SampleKey[]; chosen: SampleKey; onKey: (key: string) => void }

/** The keys that have samples: a column beside them, one button on a narrow screen. */
export function KeyList({ keys, chosen, onKey }: KeyListProps) {
  const [words, setWords] = useState('')
  const shown = keys.filter(({ key }) => key.toLowerCase().includes(words.toLowerCase().trim()))
  return (
    <>
      <nav
        aria-label="Sample keys"
        className="flex max-h-[70vh] flex-col rounded-lg border border-line bg-surface max-xl:hidden"
      >
        <h2 className="px-3 pt-2.5 pb-1 text-12 text-muted">Samples</h2>
        {keys.length >= searchFrom ? (
          <SearchField label="Filter sample keys" text={words} onText={setWords} className="mx-2 mb-1.5" />
        ) : null}
        <ul className="min-h-0 overflow-y-auto px-1.5 pb-1.5">
          {shown.map((entry) => (
            <li key={entry.key}>
              <button
                type="button"
                aria-current={entry.key === chosen.key ? 'true' : undefined}
                onClick={() => onKey(entry.key)}
                title={`${entry.key}: ${describeKey(entry)}`}
                className={`flex h-8 w-full items-center gap-2 rounded-md px-1.5 text-left -outline-offset-2 transition-colors ${entry.key === chosen.key ? 'bg-hover font-medium' : 'text-muted hover:bg-hover hover:text-text'}`}
              >
                <KeyIcon entry={entry} />
                <span className="min-w-0 flex-1 truncate">{entry.key}</span>
                <span className="text-12 font-normal text-faint">{formatCount(entry.count)}</span>
              </button>
            </li>
          ))}
        </ul>
        {shown.length === 0 ? <p className="px-3 pb-3 text-muted">No key has «{words}» in its name.</p> : null}
      </nav>
      <div className="xl:hidden">
        <Menu
          align="start"
          trigger={
            <Button className="w-full justify-start">
              <KeyIcon entry={chosen} />
              <span className="sr-only">Samples: </span>
              <span className="min-w-0 flex-1 truncate text-left">{chosen.key}</span>
              <span className="text-12 font-normal text-faint">{describeKey(chosen)}</span>
              <ChevronDown size={12} className="text-faint" aria-hidden />
            </Button>
          }
        >
          <MenuChoices
            value={chosen.key}
            onChange={onKey}
            choices={keys.map((entry) => ({ value: entry.key, label: <MenuEntry entry={entry} /> }))}
          />
        </Menu>
      </div>
    </>
  )
}

function MenuEntry({ entry }: { entry: SampleKey }) {
  return (
    <>
      <KeyIcon entry={entry} />
      <span className="max-w-56 truncate">{entry.key}</span>
      <span className="ml-auto pl-4 text-12 text-faint">{formatCount(entry.count)}</span>
    </>
  )
}

function KeyIcon({ entry }: { entry: SampleKey }) {
  const [kind = 'text'] = entry.kinds
  const Icon = icons[kind]
  return <Icon size={14} className="shrink-0 text-faint" aria-label={entry.kinds.join(', ')} />
}

function describeKey({ count, stepsTotal, bytes }: SampleKey): string {
  return `${formatCount(count)} at ${formatCount(stepsTotal)} ${stepsTotal === 1 ? 'step' : 'steps'}, ${formatBytes(bytes)}`
}
