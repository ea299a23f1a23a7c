/** Which charts stand together: the pinned ones, and those whose names begin alike, as `layer/…`. */
import type { KeyGroup } from '@pilothouse/signals'

export type ChartSection = {
  /** Its name in an address; undefined for what stands at the top without a heading. */
  name: string | undefined
  groups: readonly KeyGroup[]
}

/** The section of pinned charts: a name that no prefix has. */
export const pinnedSection = '/'

/**
 * Pinned charts first, in the order in which they were pinned; then those looked for first and those without a prefix; then a section for each prefix
 * that several charts have, in the order of its first chart.
 */
export function listSections(groups: readonly KeyGroup[], pinned: readonly string[]): ChartSection[] {
  const top = pinned.flatMap((title) => groups.filter((group) => group.title === title))
  const rest = groups.filter(({ title }) => !pinned.includes(title))
  const byPrefix = Map.groupBy(rest, (group) => (group.isSought ? '' : readPrefix(group.title)))
  const loose = rest.filter(
    ({ title, isSought }) => isSought || readPrefix(title) === '' || (byPrefix.get(readPrefix(title))?.length ?? 0) < 2,
  )
  const sections = [...byPrefix].filter(([prefix, members]) => prefix !== '' && members.length > 1)
  return [
    { name: pinnedSection, groups: top },
    { name: undefined, groups: loose },
    ...sections.map(([name, members]) => ({ name, groups: members })),
  ].filter((section) => section.groups.length > 0)
}

function readPrefix(title: string): string {
  const end = title.indexOf('/')
  return end > 0 ? title.slice(0, end) : ''
}
