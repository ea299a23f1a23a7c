import { readUsageFrame, type UsageFrame } from '../usage/usage-frame.ts'

export type ProjectsSearch = {
  /** The project that is shown; absent: all of them. */
  name?: string
  /** The sheet «add a project» is open. */
  add?: 'code'
  /** The history of the project is open, over so many days. */
  history?: UsageFrame
}

/** Reads the address; unknown words are dropped, not refused. */
export function readProjectsSearch(raw: Record<string, unknown>): ProjectsSearch {
  const { name, add } = raw
  return {
    ...(typeof name === 'string' && name !== '' ? { name } : {}),
    ...(add === 'code' ? { add } : {}),
    ...readUsageFrame(raw),
  }
}
