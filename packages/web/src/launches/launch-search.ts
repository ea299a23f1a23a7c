/** What the launch page begins with, as its address has it. */
export type LaunchSearch = {
  /** Name of a project. */
  of?: string
  /** Name of a target. */
  on?: string
  /** Uid of a job that is launched again. */
  from?: string
}

export function readLaunchSearch(raw: Record<string, unknown>): LaunchSearch {
  return Object.fromEntries(
    (['of', 'on', 'from'] as const).flatMap((name) => {
      const value = raw[name]
      return typeof value === 'string' && value !== '' ? [[name, value]] : []
    }),
  )
}
