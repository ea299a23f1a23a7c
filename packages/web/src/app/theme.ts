/** Light, dark, or as the system has it. `public/theme.js` does the same before the first paint. */
export const themeChoices = ['light', 'dark', 'system'] as const
export type ThemeChoice = (typeof themeChoices)[number]

/** Sent to the window whenever the colours on screen have changed. */
export const themeEvent = 'pilothouse:theme'
const storageKey = 'pilothouse.theme'
const darkSystem = window.matchMedia('(prefers-color-scheme: dark)')

export function readThemeChoice(): ThemeChoice {
  const stored = localStorage.getItem(storageKey)
  return themeChoices.find((choice) => choice === stored) ?? 'system'
}

/** Stores the choice and repaints the page. */
export function chooseTheme(choice: ThemeChoice): void {
  localStorage.setItem(storageKey, choice)
  applyTheme()
}

/** Follows the system from now on, where that was chosen. */
export function watchTheme(): void {
  darkSystem.addEventListener('change', applyTheme)
  applyTheme()
}

function applyTheme(): void {
  const choice = readThemeChoice()
  const dark = choice === 'dark' || (choice === 'system' && darkSystem.matches)
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
  window.dispatchEvent(new Event(themeEvent))
}
