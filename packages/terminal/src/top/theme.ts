/** How the roles of the screen look: the sixteen colours that the terminal's own theme decides, bold, dim and inverse. */
import type { Role } from './styled-line.ts'

export type ThemeName = 'auto' | 'dark' | 'light' | 'mono'
/** Parameters of `CSI … m` for each role; empty: as it is. */
export type Theme = Readonly<Record<Role, string>>

const mono: Theme = {
  plain: '',
  dim: '2',
  bold: '1',
  title: '1',
  good: '',
  neutral: '2',
  warning: '1',
  error: '1',
  accent: '1',
  curve: '',
  curve2: '',
  selected: '7',
  prompt: '1;7',
}

const dark: Theme = {
  ...mono,
  good: '32',
  neutral: '2',
  warning: '33',
  error: '1;31',
  accent: '36',
  curve: '36',
  curve2: '33',
}

/** Yellow and cyan cannot be read on white; magenta and blue can. */
const light: Theme = { ...dark, warning: '35', accent: '34', curve: '34', curve2: '35' }

/**
 * The theme asked for. `auto` reads what terminals say of their background, `COLORFGBG` as `15;0`, and is dark where none does.
 * NO_COLOR leaves bold, dim and inverse.
 */
export function chooseTheme(name: ThemeName, environment: Readonly<Record<string, string | undefined>>): Theme {
  if (name === 'mono' || (environment['NO_COLOR'] ?? '') !== '') return mono
  if (name === 'light') return light
  if (name === 'dark') return dark
  const background = Number(environment['COLORFGBG']?.split(';').at(-1) ?? Number.NaN)
  return background === 7 || (background > 8 && background <= 15) ? light : dark
}
