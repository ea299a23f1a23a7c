import type { VListHandle } from 'virtua'
import type { LogLine } from '@pilothouse/contract'

/** Numbers of the first line and of the last. */
export type PickedLines = { first: number; last: number }

/** The lines that the selection of the browser touches. */
export function readMarked(place: HTMLElement | null): PickedLines | undefined {
  const selection = window.getSelection()
  if (!place || !selection || selection.isCollapsed) return undefined
  const [one, other] = [selection.anchorNode, selection.focusNode].map((node) => {
    const element = node instanceof Element ? node : node?.parentElement
    const row = element?.closest<HTMLElement>('[data-line]')
    return row && place.contains(row) ? Number(row.dataset['line']) : undefined
  })
  if (one === undefined || other === undefined) return undefined
  return { first: Math.min(one, other), last: Math.max(one, other) }
}

export function findMiddle(list: VListHandle | null, lines: readonly LogLine[]): number | undefined {
  return list ? lines[list.findItemIndex(list.scrollOffset + list.viewportSize / 2)]?.n : undefined
}

export function readSeen(list: VListHandle | null, lines: readonly LogLine[]): PickedLines | undefined {
  if (!list) return undefined
  const first = lines[list.findItemIndex(list.scrollOffset)]?.n
  const last = (lines[list.findItemIndex(list.scrollOffset + list.viewportSize - 1)] ?? lines.at(-1))?.n
  return first === undefined || last === undefined ? undefined : { first, last }
}
