import type { JobState } from '@pilothouse/contract'

/** One way in which jobs fail: what shows it, what it means, and what helps. */
export type DiagnosisRule = {
  id: string
  /** A consequence shows that something ended the job, and seldom what; so it stands behind every cause. */
  role: 'cause' | 'consequence'
  /** 0–100: of findings that are equally sure, the one of higher rank stands first. */
  rank: number
  /** What happened, in a few words. `{name|otherwise}` is what stood in that hole of the text that matched. */
  title: string
  /** What it means, in one or two sentences. */
  meaning: string
  /** What to try, the likeliest first. */
  tries: readonly string[]
  /** Texts that show it, as tools print them (text-pattern.ts). One of them is enough. */
  texts?: readonly string[]
  /** Where one of these stands in the same line, it shows something else. */
  unless?: readonly string[]
  /** Classes of exceptions, without their module. */
  errorTypes?: readonly string[]
  signals?: readonly string[]
  exitCodes?: readonly number[]
  states?: readonly JobState[]
  /** Shown, too, by a loss that is not a number. */
  nonFiniteLoss?: true
}
