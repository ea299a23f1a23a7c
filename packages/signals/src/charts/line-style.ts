import type { KeyGroup, KeyRole } from './group-keys.ts'
import { readKey } from './group-keys.ts'

/** Dash patterns in CSS pixels: a second round through the hues, and validation and test beside training. */
export const dashes = { solid: [], validation: [5, 3], test: [1.5, 2.5], second: [8, 3, 2, 3] } as const

export type LineStyle = {
  hue: number
  dash: readonly number[]
  /** It stands behind the others: how it went before, and not how it goes. */
  isFaint?: boolean
}

/** Style of the n-th of several equals: eight hues, then the same with dashes. */
export function styleOfRank(rank: number): LineStyle {
  return { hue: rank % 8, dash: rank < 8 ? dashes.solid : dashes.second }
}

/** Dashes of jobs beyond the eight hues, by what is measured on. */
const secondDashes = { train: dashes.second, validation: [5, 2, 2, 2], test: [1.5, 2.5, 4, 2.5] } as const

/** Style of a job among others: the hue of its place, validation and test dashed as in the chart of one job. */
export function styleOfPlace(place: number, role: 'train' | 'validation' | 'test'): LineStyle {
  const first = role === 'train' ? dashes.solid : dashes[role]
  return { hue: place % 8, dash: place % 16 < 8 ? first : secondDashes[role] }
}

/**
 * Style and name of each key in the chart of one job. The hue is the job's own; two keys of one role get the next hue, and
 * so do metrics of other charts that were added to it.
 */
export function styleMembers({
  title,
  members,
  added = [],
}: KeyGroup): Map<string, { style: LineStyle; name: string }> {
  const alike = new Map<KeyRole, number>()
  const all = [...members, ...added.map((key) => ({ key, role: 'train' as const }))]
  return new Map(
    all.map(({ key, role }) => {
      const hue = alike.get(role) ?? 0
      alike.set(role, hue + 1)
      const isTraining = members.length > 1 && key === title
      const name = added.includes(key) ? key : isTraining ? 'train' : shortName(key, title)
      return [key, { style: { hue: hue % 8, dash: role === 'train' ? dashes.solid : dashes[role] }, name }]
    }),
  )
}

function shortName(key: string, title: string): string {
  const { base, role } = readKey(key)
  return base === title && base !== key ? (key.startsWith('final') ? 'final' : role) : key
}
