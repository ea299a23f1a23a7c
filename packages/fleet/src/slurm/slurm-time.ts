/**
 * Seconds of `[days-]hours:minutes:seconds`, `minutes:seconds`, `minutes`, `days-hours`. null: without end, or not said.
 */
export function parseSpan(text: string): number | null {
  const [, days, clock] = /^(?:(\d+)-)?(\d+(?::\d+){0,2})$/.exec(text.trim()) ?? []
  if (clock === undefined) return null
  const parts = clock.split(':').map(Number)
  const [hours = 0, minutes = 0, seconds = 0] = days === undefined ? alignClock(parts) : parts
  return ((Number(days ?? 0) * 24 + hours) * 60 + minutes) * 60 + seconds
}

/** Without days, one number is minutes, and two are minutes and seconds. */
function alignClock(parts: number[]): number[] {
  return parts.length === 3 ? parts : [0, ...parts]
}

/** Moments as we have Slurm say them (`SLURM_TIME_FORMAT=%s`), in ms; null where it names none (`N/A`, `Unknown`, `None`). */
export function parseMoment(text: string): number | null {
  const seconds = Number(text)
  return Number.isSafeInteger(seconds) && seconds > 0 && seconds < secondsMax ? seconds * 1000 : null
}

/** Year 5138. */
const secondsMax = 1e11
