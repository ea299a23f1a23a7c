/** How well a job or a rented machine does, in one word, and why. */
export const healthLevels = ['good', 'neutral', 'warning', 'error'] as const
export type HealthLevel = (typeof healthLevels)[number]

export type Health = {
  level: HealthLevel
  /** One word that says it without colour: `ok`, `idle`, `diverging`, `busy`, `failed`, `done`, `stale`, `loading` … */
  word: string
  /** A sentence; null where the word says all. */
  why: string | null
}

/** What is known; null: nobody said. */
export type HealthFacts = {
  /** Of the job (contract/job-state) or of the machine (contract/instance-status). */
  state: string
  /** %, mean of its GPUs. */
  gpuUse: number | null
  /** For how long it has been below the profile's lower bound without a break, ms. */
  idleMs: number
  loss: number | null
  /** The smoothed loss is so many times its best; null without enough points. */
  lossOverBest: number | null
  gpuTemperature: number | null
  /** Exit code of what ended; null: it has not, or nobody knows. */
  exitCode: number | null
  /** Age of the newest that is known, ms. */
  ageMs: number
}
