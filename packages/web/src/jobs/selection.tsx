import { createContext, useContext, useMemo, useState, type ReactNode } from 'react'
import type { JobCard } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { Trash2, X } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { countJobs, useDeleteJobs } from './use-delete-jobs.ts'

/** Jobs that one call takes. */
const selectedMax = 1_000

type Selection = {
  isOn: boolean
  uids: ReadonlySet<string>
  turn: (on: boolean) => void
  pick: (uids: readonly string[], on: boolean) => void
}

const nothing: Selection = { isOn: false, uids: new Set(), turn: () => undefined, pick: () => undefined }
const SelectionContext = createContext<Selection>(nothing)

/** Jobs picked from the list, to do something with all of them. */
export function SelectionProvider({ children }: { children: ReactNode }) {
  const [isOn, setOn] = useState(false)
  const [uids, setUids] = useState<ReadonlySet<string>>(nothing.uids)
  const selection = useMemo<Selection>(
    () => ({
      isOn,
      uids,
      turn: (on) => {
        setOn(on)
        setUids(nothing.uids)
      },
      pick: (picked, on) =>
        setUids((before) => {
          const next = on ? [...before, ...picked] : [...before].filter((uid) => !picked.includes(uid))
          return new Set(next.slice(0, selectedMax))
        }),
    }),
    [isOn, uids],
  )
  return <SelectionContext.Provider value={selection}>{children}</SelectionContext.Provider>
}

export function useSelection(): Selection {
  return useContext(SelectionContext)
}

/** The box of one job, while jobs are being picked. Above the link that covers the card. */
export function SelectBox({ card }: { card: JobCard }) {
  const { isOn, uids, pick } = useSelection()
  if (!isOn) return null
  const canPick = isEnded(card.state)
  return (
    <input
      type="checkbox"
      aria-label={`Select ${card.name}`}
      title={canPick ? undefined : 'A job is deleted after it has ended'}
      disabled={!canPick}
      checked={uids.has(card.uid)}
      onChange={(event) => pick([card.uid], event.target.checked)}
      className="touchable relative z-10 size-4 shrink-0 accent-(--accent) disabled:opacity-40"
    />
  )
}

/** What is picked and what can be done with it. */
export function SelectionBar({ cards }: { cards: readonly JobCard[] }) {
  const { isOn, uids, turn, pick } = useSelection()
  const remove = useDeleteJobs()
  if (!isOn) return null
  const pickable = cards.filter(({ state }) => isEnded(state)).map(({ uid }) => uid)
  return (
    <div
      role="group"
      aria-label="Selected jobs"
      className="arrives sticky top-2 z-20 flex flex-wrap items-center gap-1.5 rounded-lg border border-line bg-surface py-1.5 pr-1.5 pl-4 shadow-float"
    >
      <span className="mr-auto" role="status">
        {uids.size === 0 ? 'Pick jobs that have ended' : `${countJobs(uids.size)} selected`}
      </span>
      <Button look="quiet" disabled={pickable.length === 0} onClick={() => pick(pickable, true)}>
        All {pickable.length} shown
      </Button>
      <Button
        look="danger"
        disabled={uids.size === 0 || remove.isPending}
        onClick={() => remove.mutate([...uids], { onSuccess: () => turn(false) })}
      >
        <Trash2 size={14} aria-hidden /> Delete
      </Button>
      <Button look="quiet" square aria-label="End selecting" title="End selecting" onClick={() => turn(false)}>
        <X size={14} aria-hidden />
      </Button>
    </div>
  )
}
