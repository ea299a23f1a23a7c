import { useEffect, useState, type RefObject } from 'react'

/** Rows kept above and below what is in sight, so that keys find their neighbours. */
const beyond = 12

export type RowWindow = { first: number; last: number }

/** Which rows stand in the part that is in sight, `last` not included. Pure. */
export function windowRows(given: { top: number; height: number; rowHeight: number; count: number }): RowWindow {
  const { top, height, rowHeight, count } = given
  const first = Math.max(0, Math.floor(top / rowHeight) - beyond)
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + beyond)
  return { first: Math.min(first, last), last }
}

/** The rows to render of a list that scrolls within `scroller`; all rows are equally high. */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  { count, rowHeight }: { count: number; rowHeight: number },
): RowWindow {
  const [seen, setSeen] = useState<RowWindow>({ first: 0, last: Math.min(count, beyond * 3) })
  useEffect(() => {
    const element = scroller.current
    if (!element) return undefined
    const look = (): void => {
      const { scrollTop: top, clientHeight: height } = element
      const next = windowRows({ top, height, rowHeight, count })
      setSeen((before) => (before.first === next.first && before.last === next.last ? before : next))
    }
    look()
    const observer = new ResizeObserver(look)
    observer.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [scroller, count, rowHeight])
  return { first: Math.min(seen.first, count), last: Math.min(Math.max(seen.last, seen.first), count) }
}
