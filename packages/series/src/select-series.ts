/** Which series a selector names, and which of them are read as one. */
import type { Group, Series } from './group.ts'
import type { SeriesSelector } from './types.ts'

/** Series of one (source, key), ancestors first. */
export type Line = {
  group: number
  branch: number
  source: string
  key: string
  parts: { series: Series; stepMax: number }[]
}

/** Series of the group that a selector names, in the order of its keys, else of their making. */
export function selectSeries(group: Group, selector: SeriesSelector): Series[] {
  const { branch, source, keys } = selector
  const fits = makeSourceTest(source)
  const own = [...group.series.values()].filter((one) => one.branch === branch && one.total > 0 && fits(one.source))
  if (!keys) return own
  const places = new Map(keys.map((key, place) => [key, place]))
  const placeOf = ({ key }: Series) => places.get(key) ?? -1
  return own.filter((one) => placeOf(one) >= 0).toSorted((one, other) => placeOf(one) - placeOf(other))
}

/** Adds what a selector names to the lines. A line bears the branch of the last selector that names it. */
export function addToLines(
  lines: Map<string, Line>,
  group: Group,
  selector: SeriesSelector & { stepMax?: number },
): void {
  for (const series of selectSeries(group, selector)) {
    const name = `${group.id}:${series.source.length}:${series.source}${series.key}`
    const { source, key, branch } = series
    const line: Line = lines.get(name) ?? { group: group.id, branch, source, key, parts: [] }
    lines.set(name, line)
    if (line.parts.some((part) => part.series === series)) continue
    line.parts.push({ series, stepMax: selector.stepMax ?? Infinity })
  }
  const fits = makeSourceTest(selector.source)
  for (const line of lines.values()) {
    const named = line.group === group.id && fits(line.source) && (selector.keys?.includes(line.key) ?? true)
    if (named) line.branch = selector.branch
  }
}

function makeSourceTest(pattern: string): (source: string) => boolean {
  if (!pattern.endsWith('*')) return (source) => source === pattern
  const prefix = pattern.slice(0, -1)
  return (source) => source.startsWith(prefix)
}
