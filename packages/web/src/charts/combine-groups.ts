import type { ChartView } from './chart-view.ts'
import type { KeyGroup } from '@pilothouse/signals'

/** The charts with the metrics that somebody put onto them, and with what has its axis on the right. */
export function combineGroups(
  groups: readonly KeyGroup[],
  { joined, right }: Pick<ChartView, 'joined' | 'right'>,
): readonly KeyGroup[] {
  if (joined.length + right.length === 0) return groups
  const keys = new Set(groups.flatMap(({ members }) => members.map(({ key }) => key)))
  return groups.map((group) => {
    const begin = `${group.title}:`
    const own = group.members.map(({ key }) => key)
    const read = (list: readonly string[]): string[] =>
      list.filter((one) => one.startsWith(begin)).map((one) => one.slice(begin.length))
    const added = read(joined).filter((key) => keys.has(key) && !own.includes(key))
    const onRight = read(right).filter((key) => added.includes(key) || own.includes(key))
    return added.length + onRight.length === 0 ? group : { ...group, added, right: onRight }
  })
}
