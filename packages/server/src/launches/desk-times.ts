/** How often launched jobs of a target are looked at, ms. */
export type DeskTimes = {
  /** Between two looks: where a process says how it stands, and where a scheduler is asked. */
  shellMs: number
  slurmMs: number
  /** Between two looks at what running jobs print. */
  logMs: number
  /** Before a step is tried again, at first and at most. */
  retryMs: number
  retryMaxMs: number
  /** Without jobs so long, and its connection is closed. */
  idleMs: number
  /** Between two times that code which nobody uses is removed, after a job has ended. */
  tidyMs: number
}

export const calmTimes: DeskTimes = {
  shellMs: 1_000,
  slurmMs: 10_000,
  logMs: 1_000,
  retryMs: 2_000,
  retryMaxMs: 60_000,
  idleMs: 60_000,
  tidyMs: 6 * 3_600_000,
}
