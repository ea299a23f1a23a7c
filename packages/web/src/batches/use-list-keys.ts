import { useEffect } from 'react'
import { useNavigate } from '@tanstack/react-router'
import { useCommands } from '../app/commands.ts'
import { bindKeys } from '../app/shortcuts.ts'

type Keys = {
  /** Turns the batch with the focus. */
  pick: (id: string) => void
  /** Ids of what is picked. */
  picked: readonly string[]
  unpick: () => void
}

/** Keys of the list: from batch to batch, pick the one that is there, read the picked ones. Enter follows a link, as everywhere. */
export function useListKeys({ pick, picked, unpick }: Keys): void {
  const navigate = useNavigate()
  const compare = (): boolean => {
    if (picked.length > 0) void navigate({ to: '/batches/compare', search: { ids: picked.join(',') } })
    return picked.length > 0
  }
  const create = (): void => void navigate({ to: '/batches/new' })
  useCommands(
    {
      next: () => moveFocus(1),
      previous: () => moveFocus(-1),
      pick: () => {
        const id = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['batch'] : undefined
        if (id !== undefined) pick(id)
        return id !== undefined
      },
      newBatch: create,
      ...(picked.length > 0 ? { unpick } : {}),
    },
    picked.length > 0 ? [{ name: 'Read the answers of the picked batches side by side', run: compare }] : [],
  )
  useEffect(() => bindKeys(({ key }) => key === 'c' && compare()))
}

/** From the batch with the focus to the next one; from anywhere else to the first. */
function moveFocus(step: 1 | -1): boolean {
  const links = [...document.querySelectorAll<HTMLElement>('[data-batch]')]
  const at = links.findIndex((link) => link === document.activeElement)
  const next = links[at === -1 ? 0 : at + step]
  if (!next) return at !== -1
  next.focus({ preventScroll: true })
  next.closest('[data-row]')?.scrollIntoView({ block: 'nearest' })
  return true
}
