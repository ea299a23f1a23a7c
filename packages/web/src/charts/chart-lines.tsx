import { useState } from 'react'
import { Plus, X } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { SearchField } from '../ui/search-field.tsx'
import type { KeyGroup } from '@pilothouse/signals'

/** More than this nobody reads; the search finds the others. */
const shownMax = 50

type LinesProps = {
  group: KeyGroup
  keys: readonly string[]
  onJoin: (key: string, on: boolean) => void
  onRight: (key: string, on: boolean) => void
  onClose: () => void
}

/** Which metrics lie on a chart, and on which side each has its axis. */
export function ChartLines({ group, keys, onJoin, onRight, onClose }: LinesProps) {
  const [text, setText] = useState('')
  const { added = [], right = [] } = group
  const own = group.members.map(({ key }) => key)
  const words = text.toLowerCase().split(/\s+/)
  const others = keys.filter((key) => !own.includes(key) && !added.includes(key))
  const found = others.filter((key) => words.every((word) => key.toLowerCase().includes(word)))
  return (
    <Dialog open onClose={onClose} title={`Metrics on «${group.title}»`}>
      <ul aria-label="On the chart" className="flex flex-col">
        {[...own, ...added].map((key) => (
          <li key={key} className="flex min-h-9 items-center gap-2">
            <span className="min-w-0 flex-1 truncate" title={key}>
              {key}
            </span>
            <select
              aria-label={`Axis of ${key}`}
              className="touchable h-7 rounded-md border border-line bg-surface px-1.5 text-13"
              value={right.includes(key) ? 'right' : 'left'}
              onChange={({ target }) => onRight(key, target.value === 'right')}
            >
              <option value="left">left axis</option>
              <option value="right">right axis</option>
            </select>
            {added.includes(key) ? (
              <Button look="quiet" square aria-label={`Take ${key} away`} onClick={() => onJoin(key, false)}>
                <X size={14} aria-hidden />
              </Button>
            ) : (
              <span className="w-7" />
            )}
          </li>
        ))}
      </ul>
      <SearchField label="Find a metric" text={text} onText={setText} className="mt-2 mb-1" />
      <ul aria-label="Other metrics" className="flex flex-col">
        {found.slice(0, shownMax).map((key) => (
          <li key={key}>
            <button
              type="button"
              aria-label={`Add ${key}`}
              className="touchable flex min-h-8 w-full items-center gap-2 rounded-md px-1 text-left hover:bg-hover"
              onClick={() => onJoin(key, true)}
            >
              <Plus size={14} className="shrink-0 text-faint" aria-hidden />
              <span className="truncate">{key}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length > shownMax ? (
        <p className="text-12 text-faint">and {found.length - shownMax} more; search for them</p>
      ) : null}
      {found.length === 0 ? (
        <p className="text-muted">{others.length === 0 ? 'All metrics are on the chart.' : 'No metric matches.'}</p>
      ) : null}
    </Dialog>
  )
}
