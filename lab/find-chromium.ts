/** Chromium as the system has it, for what looks at the page as a person does. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Without a screen, without a sandbox of its own, and quiet on the network. */
export const chromiumArgs = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Without windows it opens a page in a quarter of the time, and shows no notifications. */
const withoutWindows = ['chromium-headless-shell']
const withWindows = ['chromium', 'chromium-browser', 'google-chrome']

/** CHROMIUM names it, else it is found on the PATH. */
export function findChromium({ hasWindows = false } = {}): string {
  const named = process.env['CHROMIUM']
  if (named) return named
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const names = hasWindows ? withWindows : [...withoutWindows, ...withWindows]
  const places = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  const found = places.find((place) => existsSync(place))
  if (!found) throw new Error('No Chromium on the PATH. Install it (lab/setup does), or name it in CHROMIUM.')
  return found
}
