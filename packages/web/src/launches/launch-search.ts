/** What the launch page begins with, as its address has it. */
export type LaunchSearch = {
  /** Name of a project. */
  of?: string
  /** Name of a target. */
  on?: string
  /** Uid of a job that is launched again. */
  from?: string
  /** Id of a preset. */
  preset?: number
}

export function readLaunchSearch(raw: Record<string, unknown>): LaunchSearch {
  const texts = (['of', 'on', 'from'] as const).flatMap((name) => {
    const value = raw[name]
    return typeof value === 'string' && value !== '' ? [[name, value] as const] : []
  })
  const preset = Number(raw['preset'])
  const search: LaunchSearch = Object.fromEntries(texts)
  return { ...search, ...(Number.isInteger(preset) && preset > 0 ? { preset } : {}) }
}
