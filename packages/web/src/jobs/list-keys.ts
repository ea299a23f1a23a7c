import { useEffect } from 'react'
import { bindKeys } from '../app/shortcuts.ts'
import { useSelection } from './selection.tsx'

/** j and k go from job to job, x picks the one that is there. Enter follows its link, as everywhere. */
export function useListKeys(mayPick: boolean): void {
  const { isOn, uids, turn, pick } = useSelection()
  useEffect(() =>
    bindKeys(({ key }) => {
      if (key === 'j' || key === 'k') return moveFocus(key === 'j' ? 1 : -1)
      if (key !== 'x' || !mayPick) return false
      const uid = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['job'] : undefined
      if (uid === undefined) return false
      if (!isOn) turn(true)
      pick([uid], !uids.has(uid))
      return true
    }),
  )
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
