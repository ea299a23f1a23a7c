/** Colours that the charts draw with, read from the tokens of the page once for each theme. */
export type Palette = {
  series: readonly string[]
  surface: string
  text: string
  muted: string
  faint: string
  line: string
  lineStrong: string
}

const cache = new Map<string, Palette>()

/** The palette of the theme that is on now. */
export function readPalette(): Palette {
  const theme = document.documentElement.dataset['theme'] ?? 'light'
  const known = cache.get(theme)
  if (known) return known
  const style = getComputedStyle(document.documentElement)
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const palette: Palette = {
    series: [1, 2, 3, 4, 5, 6, 7, 8].map((number) => read(`series-${number}`)),
    surface: read('surface'),
    text: read('text'),
    muted: read('muted'),
    faint: read('faint'),
    line: read('line'),
    lineStrong: read('line-strong'),
  }
  cache.set(theme, palette)
  return palette
}

/** Dash patterns in CSS pixels: a second round through the hues, and validation and test beside training. */
export const dashes = { solid: [], validation: [5, 3], test: [1.5, 2.5], second: [8, 3, 2, 3] } as const

export type LineStyle = { hue: number; dash: readonly number[] }

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
