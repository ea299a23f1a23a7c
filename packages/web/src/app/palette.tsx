import { useEffect, useEffectEvent, useId, useState, type KeyboardEvent } from 'react'
import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import type { JobCard } from '@pilothouse/contract'
import { parseSearchText, quoteForSearch } from '@pilothouse/contract/wire'
import { readJobsSearch } from '../jobs/jobs-search.ts'
import { copyLink } from '../ui/copy-link.ts'
import { StateSign } from '../ui/state-sign.tsx'
import { useViews } from '../views/use-views.ts'
import { useCommandList, type Command } from './commands.ts'
import { rankByName } from './rank-commands.ts'
import { readRecentJobs } from './recent-jobs.ts'
import { parseSearch } from './search-params.ts'
import { useServices } from './services.ts'
import { chooseTheme } from './theme.ts'
import type { TypeAhead } from './type-ahead.ts'

const jobsMax = 8
const commandsMax = 12

type Entry = Command & { card?: JobCard }
type Group = { name: string; entries: readonly Entry[] }

type PaletteProps = {
  /** The field has the focus: gives what was typed before. */
  onReady: () => TypeAhead
  onClose: () => void
}

/** Everything by its name: jobs, pages, views, and what can be done here. */
export function Palette({ onReady, onClose }: PaletteProps) {
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const [isEntered, setEntered] = useState(false)
  const listId = useId()
  const jobs = useFoundJobs(text)
  const groups = useGroups(text, jobs.cards)
  const entries = groups.flatMap((group) => group.entries)
  const at = Math.min(chosen, entries.length - 1)
  const run = (entry: Entry | undefined): void => {
    if (!entry) return
    onClose()
    // Once the dialog is gone, so that what is opened now keeps the focus.
    setTimeout(() => void entry.run(), 0)
  }
  // Who types fast means what will stand first, not what does while the answer to fewer letters is still there.
  const runFirst = useEffectEvent(() => {
    setEntered(false)
    run(entries[0])
  })
  useEffect(() => {
    if (isEntered && jobs.isSettled) runFirst()
  }, [isEntered, jobs.isSettled])
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (event.key === 'Enter' && at > 0) run(entries[at])
    else if (event.key === 'Enter') setEntered(true)
    if (by === 0 || entries.length === 0) return
    event.preventDefault()
    const next = (at + by + entries.length) % entries.length
    setChosen(next)
    document.getElementById(`${listId}-${next}`)?.scrollIntoView({ block: 'nearest' })
  }
  let index = -1
  return (
    <BaseDialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="fixed inset-0 z-40 bg-[oklch(0.2_0.02_260/0.35)]" />
        <BaseDialog.Popup className="floats fixed top-4 left-1/2 z-50 flex max-h-[min(70dvh,520px)] w-[calc(100vw-32px)] max-w-xl -translate-x-1/2 flex-col outline-none sm:top-[12dvh]">
          <BaseDialog.Title className="sr-only">Go anywhere, do anything</BaseDialog.Title>
          <input
            autoFocus
            role="combobox"
            aria-label="Search jobs, pages and actions"
            aria-expanded
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={entries.length > 0 ? `${listId}-${at}` : undefined}
            placeholder="Jobs, pages, actions …"
            value={text}
            spellCheck={false}
            onChange={(event) => {
              setText(event.target.value)
              setChosen(0)
              setEntered(false)
            }}
            onKeyDown={onKeyDown}
            onFocus={() => {
              const typed = onReady()
              if (typed.text !== '') setText((before) => before + typed.text)
              if (typed.isEntered) setEntered(true)
            }}
            className="h-12 shrink-0 border-b border-line bg-transparent px-4 text-14 outline-none pointer-coarse:text-16"
          />
          <div id={listId} role="listbox" aria-label="Found" className="min-h-0 overflow-y-auto p-1">
            {groups.map((group) =>
              group.entries.length === 0 ? null : (
                <div key={group.name} role="group" aria-label={group.name}>
                  <div className="px-2 pt-2 pb-1 text-12 text-faint" aria-hidden>
                    {group.name}
                  </div>
                  {group.entries.map((entry) => {
                    index += 1
                    return (
                      <Option
                        key={`${group.name}-${entry.card?.uid ?? entry.name}`}
                        id={`${listId}-${index}`}
                        entry={entry}
                        isChosen={index === at}
                        onChoose={() => run(entry)}
                      />
                    )
                  })}
                </div>
              ),
            )}
            {entries.length === 0 && jobs.isSettled ? (
              <p className="px-2 py-4 text-center text-muted">Nothing is called like this.</p>
            ) : null}
          </div>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  )
}

type OptionProps = { id: string; entry: Entry; isChosen: boolean; onChoose: () => void }

function Option({ id, entry: { name, keys, card }, isChosen, onChoose }: OptionProps) {
  return (
    <div
      id={id}
      role="option"
      aria-selected={isChosen}
      onPointerDown={(event) => event.preventDefault()}
      onClick={onChoose}
      className={`flex h-8 cursor-default items-center gap-2.5 rounded-sm px-2 hover:bg-hover pointer-coarse:h-11 ${isChosen ? 'bg-hover' : ''}`}
    >
      {card ? <StateSign state={card.state} word={false} /> : null}
      <span className="min-w-0 flex-1 truncate">{name}</span>
      {card ? <span className="max-w-40 shrink-0 truncate text-12 text-faint">{card.project}</span> : null}
      {keys === undefined ? null : (
        <span className="flex gap-1" aria-hidden>
          {keys.split(' ').map((key) => (
            <kbd key={key} className="rounded-sm border border-line px-1 font-mono text-12 leading-4 text-faint">
              {key}
            </kbd>
          ))}
        </span>
      )}
    </div>
  )
}

/** Jobs by the language of the search field; what it cannot read are words. */
function useFoundJobs(text: string): { cards: readonly JobCard[]; isSettled: boolean } {
  const { client } = useServices()
  const asked = text.trim()
  const search =
    parseSearchText(asked, 0).faults.length === 0 ? asked : asked.split(/\s+/).map(quoteForSearch).join(' ')
  const found = useQuery({
    queryKey: ['palette', search],
    enabled: search !== '',
    queryFn: async ({ signal }) =>
      client.call('jobs.list', { query: { search, limit: jobsMax, sort: 'heard', archived: 'any' }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  })
  return { cards: asked === '' ? [] : (found.data?.jobs ?? []), isSettled: !found.isFetching }
}

function useGroups(text: string, cards: readonly JobCard[]): Group[] {
  const router = useRouter()
  const commands = useCommandList()
  const views = useViews('jobs')
  const goTo = (uid: string) => async () => router.navigate({ to: '/job/$uid', params: { uid } })
  const recent = text.trim() === '' ? readRecentJobs() : []
  const choices: readonly Command[] = [
    { name: 'Copy link to this page', run: async () => copyLink(window.location.href) },
    { name: 'Theme: light', run: () => chooseTheme('light') },
    { name: 'Theme: dark', run: () => chooseTheme('dark') },
    { name: 'Theme: as the system', run: () => chooseTheme('system') },
  ]
  const saved = (views.data ?? []).map(({ name, search }) => ({
    name: `View: ${name}`,
    run: async () => router.navigate({ to: '/', search: readJobsSearch(parseSearch(search)) }),
  }))
  return [
    { name: 'Jobs', entries: cards.map((card) => ({ name: card.name, card, run: goTo(card.uid) })) },
    { name: 'Looked at lately', entries: recent.map(({ uid, name }) => ({ name, run: goTo(uid) })) },
    { name: 'Actions', entries: rankByName([...commands, ...choices], text).slice(0, commandsMax) },
    { name: 'Views', entries: rankByName(saved, text).slice(0, commandsMax) },
  ]
}
