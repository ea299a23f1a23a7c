import { globSync, statSync } from 'node:fs'

/** When the newest of these files was changed, in ms since 1970; 0 when there is none. */
export function findNewest(patterns: readonly string[]): number {
  const times = globSync([...patterns]).map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  return Math.max(0, ...times)
}
