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
