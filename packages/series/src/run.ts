/** A growing list of numbers: a plain array while it is short (a typed array costs some 200 bytes by itself), then typed. */
export type Run = number[] | Float64Array

const typedFrom = 32

/** The same run, or a larger copy, with room for `length` numbers of which the first `used` are kept. */
export function growRun(run: Run, used: number, length: number): Run {
  if (Array.isArray(run) ? length < typedFrom : length <= run.length) return run
  const larger = new Float64Array(Math.max(length, used * 2, typedFrom * 2))
  for (let at = 0; at < used; at += 1) larger[at] = run[at] ?? 0
  return larger
}

/** Numbers `from` to `until` as a run of its own. */
export function copyRun(run: Run, from: number, until: number): Run {
  const part = run.slice(from, until)
  return part.length >= typedFrom || Array.isArray(part) ? part : Array.from(part)
}

/** Numbers `from` to `until` to be read at once: a view where there is one. */
export function viewRun(run: Run, from: number, until: number): Float64Array {
  return Array.isArray(run) ? Float64Array.from(run.slice(from, until)) : run.subarray(from, until)
}

/** Bytes that a run occupies, roughly. */
export function measureRun(run: Run): number {
  return Array.isArray(run) ? 48 + run.length * 8 : 200 + run.length * 8
}
