/** What one line of a training log says. Only what the line itself states; log-reader.ts joins lines. */
export type LogFacts = {
  /** Name → value, as printed (a percentage stays a percentage). Names as `normalizeKey` makes them. */
  metrics: Map<string, number>
  step?: number
  totalSteps?: number
  /** `epoch` when the step counts anew in each epoch; absent when it counts through or when that is not said. */
  stepScope?: 'epoch'
  epoch?: number
  totalEpochs?: number
  /** True when the line says that the epoch is over. */
  epochEnded?: true
  /** One of the default stages when the line's words tell, else the description of a progress bar. */
  stage?: string
  /** Progress inside the stage, in its own unit, where these are no training steps. */
  done?: number
  total?: number
  /** 0 … 1, when the line states or implies it. */
  fraction?: number
  /** Units (steps, examples, bytes) a second. */
  rate?: number
  unit?: string
  /** True for a line that redraws itself: the same step comes again and again. */
  bar?: true
}

/** What a regular expression gives back; the part of RegExp that patterns need. */
export type Matcher = {
  exec(text: string): { index: number; 0: string; groups?: Record<string, string | undefined> | undefined } | null
}

/**
 * A pattern is data: a regular expression whose named groups say what they are. `step`, `totalSteps`, `epoch`,
 * `totalEpochs`, `percent`, `done`, `total`, `rate`, `unit` and `stage` are facts, `key` with `value` is a metric, `metrics`
 * is text that holds further pairs, and any other group is a metric of its own name. What a pattern matched is hidden
 * from those behind it.
 */
export type LogPattern = {
  name: string
  regex: Matcher
  /** What the groups `step` and `totalSteps` count in. */
  stepScope?: 'epoch'
  /** The match says that the epoch is over. */
  endsEpoch?: true
  /** The match is a progress bar. */
  bar?: true
}
