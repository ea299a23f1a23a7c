import { useNavigate } from '@tanstack/react-router'
import { useCommands } from '../app/commands.ts'
import type { JobsSearch } from './jobs-search.ts'
import { useSelection } from './selection.tsx'

/** Keys of the list: from job to job, pick the one that is there, another look. Enter follows a link, as everywhere. */
export function useListKeys(search: JobsSearch): void {
  const { isOn, uids, turn, pick } = useSelection()
  const navigate = useNavigate({ from: '/' })
  const change = (change: (before: JobsSearch) => JobsSearch): void => void navigate({ search: change, replace: true })
  useCommands({
    next: () => moveFocus(1),
    previous: () => moveFocus(-1),
    pick: pickFocused,
    look: () => change(({ view, ...rest }) => (view === 'table' ? rest : { ...rest, view: 'table' })),
    statistics: () => change(({ charts, ...rest }) => (search.charts === undefined ? { ...rest, charts: '30' } : rest)),
  })

  function pickFocused(): boolean {
    const uid = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['job'] : undefined
    if (uid === undefined) return false
    if (!isOn) turn(true)
    pick([uid], !uids.has(uid))
    return true
  }
}

/** From the job with the focus to the next one; from anywhere else to the first one in sight. */
function moveFocus(step: 1 | -1): boolean {
  const links = [...document.querySelectorAll<HTMLElement>('[data-job]')]
  const at = links.findIndex((link) => link === document.activeElement)
  const next = at === -1 ? links.find(isInSight) : links[at + step]
  if (!next) return at !== -1
  next.focus({ preventScroll: true })
  next.closest('[role="row"], article')?.scrollIntoView({ block: 'nearest' })
  return true
}

function isInSight(link: HTMLElement): boolean {
  const { top, bottom } = link.getBoundingClientRect()
  return top >= 0 && bottom <= window.innerHeight
}
