import { createContext, startTransition, useContext, useMemo, useState, type ReactNode } from 'react'
import type { JobCard } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'

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
      // Boxes and the bar above them come together, when its code is here: a list must not move under a hand.
      turn: (on) =>
        startTransition(() => {
          setOn(on)
          if (!on) setUids(nothing.uids)
        }),
      pick: (picked, on) =>
        setUids((before) => {
          const next = on ? [...before, ...picked] : [...before].filter((uid) => !picked.includes(uid))
          return new Set(next.slice(0, limits.bulkJobsMax))
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
  return (
    <input
      type="checkbox"
      aria-label={`Select ${card.name}`}
      checked={uids.has(card.uid)}
      onChange={(event) => pick([card.uid], event.target.checked)}
      className="touchable relative z-10 size-4 shrink-0 accent-(--accent)"
    />
  )
}
