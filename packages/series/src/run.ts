/** A growing list of numbers: a plain array while it is short (a typed array costs some 200 bytes by itself), then typed. */
export type Run = number[] | Float64Array

const typedFrom = 32

/** The same run, or a larger copy, with room for `length` numbers of which the first `used` are kept. */
export function growRun(run: Run, used: number, length: number): Run {
  if (Array.isArray(run) ? length < typedFrom : length <= run.length) return run
  const larger = new Float64Array(Math.max(length, chooseCapacity(used)))
  if (Array.isArray(run)) for (let at = 0; at < used; at += 1) larger[at] = run[at] ?? 0
  else larger.set(run.subarray(0, used))
  return larger
}

/** Few steps, because each is an array that the collector must find again; full heads are sealed soon. */
function chooseCapacity(used: number): number {
  if (used < typedFrom) return typedFrom * 2
  return lengths.find((length) => used < length) ?? used * 2
}

/** A chunk, and what arrives until it is sealed. */
const fullLength = 1024 + 128
const lengths = [256, 576, fullLength]

/** Writes `more` behind the first `used` numbers; there is room for them. */
export function fillRun(run: Run, used: number, more: ArrayLike<number>): void {
  if (run instanceof Float64Array && more instanceof Float64Array) run.set(more, used)
  else for (let at = 0; at < more.length; at += 1) run[used + at] = more[at] ?? 0
}

/** Numbers `from` to `until` of a run that is not needed otherwise: moved to the front where they have room already. */
export function keepRun(run: Run, from: number, until: number): Run {
  if (Array.isArray(run) || run.length > fullLength) return copyRun(run, from, until)
  run.copyWithin(0, from, until)
  return run
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
