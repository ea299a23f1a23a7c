/**
 * Which curves lie over those of a job, as an address has it: `uid,uid@branch,…`. The place in the list is the colour, so
 * whoever is taken away leaves its place empty, and the others keep theirs.
 */

/** A job, or one branch of it. `id` is how the address writes it. */
export type OverlayPlace = { id: string; uid: string; branch: number | undefined; place: number }

/** Jobs over one; with more of them nobody tells the lines apart. The page that compares jobs has bounds of its own. */
export const overlaysMax = 15

const wellFormed = /^([A-Za-z0-9][A-Za-z0-9_-]{3,63})(?:@(\d{1,9}))?$/

/** The text of an address if it names anything; words that cannot be a job leave their place empty. */
export function readOverlay(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  return formatPlaces(parseOverlay(value))
}

/** Those named, each once, with their places counted from 1: the job itself has place 0. */
export function parseOverlay(text: string | undefined): OverlayPlace[] {
  const seen = new Set<string>()
  return (text ?? '')
    .split(',')
    .slice(0, overlaysMax)
    .flatMap((id, at): OverlayPlace[] => {
      const [, uid, branch] = wellFormed.exec(id) ?? []
      if (uid === undefined || seen.has(id)) return []
      seen.add(id)
      return [{ id, uid, branch: branch === undefined ? undefined : Number(branch), place: at + 1 }]
    })
}

/** Puts one at the first free place; unchanged where there is none. */
export function addOverlay(text: string | undefined, id: string): string | undefined {
  const known = parseOverlay(text)
  const taken = new Set(known.map(({ place }) => place))
  const place = Array.from({ length: overlaysMax }, (_, at) => at + 1).find((one) => !taken.has(one))
  if (place === undefined || known.some((one) => one.id === id)) return formatPlaces(known)
  return formatPlaces([...known, { id, uid: id, branch: undefined, place }])
}

/** Takes one away; the others keep their places. */
export function removeOverlay(text: string | undefined, id: string): string | undefined {
  return formatPlaces(parseOverlay(text).filter((one) => one.id !== id))
}

function formatPlaces(places: readonly OverlayPlace[]): string | undefined {
  if (places.length === 0) return undefined
  const length = Math.max(...places.map(({ place }) => place))
  const ids = Array.from({ length }, (_, at) => places.find(({ place }) => place === at + 1)?.id ?? '')
  return ids.join(',')
}
