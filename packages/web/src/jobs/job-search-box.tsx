import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { useQuery } from '@tanstack/react-query'
import type { JobStatistics, SearchKeysAnswer } from '@pilothouse/contract'
import { findSearchPlace, insertInSearch, limits, parseSearchText, type SearchFault } from '@pilothouse/contract/wire'
import { useServices } from '../app/services.ts'
import { SearchField } from '../ui/search-field.tsx'
import { askKeys, listCompletions, type Completion } from './list-completions.ts'

/** A keystroke reaches the address after so long, so that typing does not fill the list with half words. */
const searchAfterMs = 180
/** Half a condition is no mistake yet: what cannot be read is told after so long without a keystroke. */
const faultAfterMs = 700

/** Below it there is no room for examples. */
const narrowPx = 640

type BoxProps = { value: string; statistics: JobStatistics | undefined; onChange: (value: string) => void }

/** The search field, with a list of what may stand where the cursor is, and words about what cannot be read. */
export function JobSearchBox({ value, statistics, onChange: tell }: BoxProps) {
  const input = useRef<HTMLInputElement>(null)
  /** What the address was given last: when it comes back, one may have typed on. */
  const told = useRef(value)
  const onChange = (next: string): void => {
    told.current = next
    tell(next)
  }
  const listId = useId()
  const [text, setText] = useState(value)
  const [cursor, setCursor] = useState<number>()
  const [chosen, setChosen] = useState(-1)
  const faults = useFaults(text)
  const place = cursor === undefined ? undefined : findSearchPlace(text, cursor)
  const keys = useKeys(place === undefined ? undefined : askKeys(place))
  const items = listCompletions(place, { statistics, keys })
  const isOpen = cursor !== undefined && items.length > 0

  useEffect(() => {
    if (value === told.current) return
    told.current = value
    setText(value)
  }, [value])
  useEffect(() => {
    if (text === value || parseSearchText(text, 0).faults.length > 0) return undefined
    const timer = setTimeout(() => onChange(text), searchAfterMs)
    return () => clearTimeout(timer)
  })

  const close = (): void => {
    setCursor(undefined)
    setChosen(-1)
  }
  const take = (item: Completion): void => {
    if (!place) return
    const next = insertInSearch(text, place, item)
    setText(next.text)
    setChosen(-1)
    setCursor(next.cursor)
    input.current?.focus()
    requestAnimationFrame(() => input.current?.setSelectionRange(next.cursor, next.cursor))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const item = isOpen ? items[chosen] : undefined
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!isOpen) return setCursor(event.currentTarget.selectionStart ?? text.length)
      const step = event.key === 'ArrowDown' ? 1 : -1
      setChosen((before) => (before < 0 && step < 0 ? items.length - 1 : (before + step + items.length) % items.length))
    } else if ((event.key === 'Enter' || event.key === 'Tab') && item) {
      event.preventDefault()
      take(item)
    } else if (event.key === 'Enter') {
      close()
      if (text !== value) onChange(text)
    } else if (event.key === 'Escape') {
      // The browser would empty the field.
      event.preventDefault()
      if (isOpen) close()
      else event.currentTarget.blur()
    }
  }
  return (
    <SearchField
      label="Search jobs"
      text={text}
      onText={(next) => {
        setText(next.slice(0, limits.searchLengthMax))
        setChosen(-1)
        setCursor(input.current?.selectionStart ?? next.length)
      }}
      onKeyDown={onKeyDown}
      className="min-w-48 flex-1"
      endClass="pr-8"
      input={{
        ref: input,
        role: 'combobox',
        autoComplete: 'off',
        spellCheck: false,
        placeholder:
          window.innerWidth < narrowPx ? 'Search jobs' : 'Search jobs: words, status:failed, loss<2, config.lr>=1e-4 …',
        'aria-expanded': isOpen,
        'aria-controls': listId,
        'aria-autocomplete': 'list',
        'aria-activedescendant': isOpen && chosen >= 0 ? `${listId}-${chosen}` : undefined,
        'aria-invalid': faults.length > 0,
        'aria-describedby': faults.length > 0 ? `${listId}-fault` : undefined,
        onClick: (event) => setCursor(event.currentTarget.selectionStart ?? text.length),
        onBlur: () => {
          close()
          if (text !== value) onChange(text)
        },
      }}
    >
      <kbd
        className="pointer-events-none absolute top-1/2 right-2 -translate-y-1/2 rounded-sm border border-line px-1 font-mono text-12 leading-4 text-faint pointer-coarse:hidden"
        aria-hidden
      >
        /
      </kbd>
      <Offers id={listId} items={isOpen ? items : []} chosen={chosen} take={take}>
        {faults[0] ? <FaultWords id={`${listId}-fault`} text={text} fault={faults[0]} /> : null}
      </Offers>
    </SearchField>
  )
}

type OffersProps = {
  id: string
  items: readonly Completion[]
  chosen: number
  take: (item: Completion) => void
  /** Words below the list. */
  children: ReactNode
}

/** What floats below the field; nothing while there is nothing to say. */
function Offers({ id, items, chosen, take, children }: OffersProps) {
  const isEmpty = items.length === 0
  return (
    <div
      className={`floats absolute top-full right-0 left-0 z-30 mt-1 p-1 sm:right-auto sm:min-w-96 ${isEmpty && children === null ? 'hidden' : ''}`}
    >
      <ul
        id={id}
        role="listbox"
        aria-label="What may stand here"
        className={isEmpty ? 'hidden' : 'max-h-[min(50dvh,360px)] overflow-y-auto'}
      >
        {items.map((item, at) => (
          <li
            key={item.text}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === chosen}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => take(item)}
            className={`flex h-7 cursor-default items-center gap-3 rounded-sm px-2 hover:bg-hover pointer-coarse:h-11 ${at === chosen ? 'bg-hover' : ''}`}
          >
            <span className="truncate font-mono text-12">{item.label}</span>
            <span className="ml-auto truncate text-12 text-faint">{item.hint}</span>
          </li>
        ))}
      </ul>
      {children}
    </div>
  )
}

/** The text with the place that cannot be read, and why. */
export function FaultWords({ id, text, fault }: { id?: string; text: string; fault: SearchFault }) {
  const { from, to, message } = fault
  return (
    <div id={id} role="alert" className="px-2 py-1.5">
      <p className="font-mono text-12 wrap-anywhere text-muted">
        {text.slice(0, from)}
        <span className="text-bad underline decoration-wavy underline-offset-4">
          {text.slice(from, to) || '\u00a0'}
        </span>
        {text.slice(to)}
      </p>
      <p className="mt-1 wrap-anywhere">{message}</p>
    </div>
  )
}

/** What cannot be read, once nobody types any more. */
function useFaults(text: string): readonly SearchFault[] {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), faultAfterMs)
    return () => clearTimeout(timer)
  }, [text])
  return settled === text ? parseSearchText(text, 0).faults : []
}

function useKeys(asked: ReturnType<typeof askKeys>): SearchKeysAnswer['keys'] {
  const { client } = useServices()
  const keys = useQuery({
    queryKey: ['search-keys', asked],
    enabled: asked !== undefined,
    queryFn: async ({ signal }) => client.call('search.keys', { query: { ...asked, limit: 8 }, signal }),
    staleTime: 30_000,
    placeholderData: (before) => before,
  })
  return asked === undefined ? [] : (keys.data?.keys ?? [])
}
