/** A collection takes 15 to 25 ms, so this is at most 0.2 % of a core. */
export const collectEveryMs = 15_000
const growthBytes = 1024 * 1024

/**
 * Has garbage collected when the heap has grown since the last time: left to itself, V8 lets 10 MB that live stand in 25, because it
 * saves time where a screen needs none. Takes effect where Node was started with `topNodeFlags`; keeps no process alive.
 *
 * @returns its undo
 */
export function keepHeapSmall(
  collect: ((options: NodeJS.GCOptions) => unknown) | undefined = globalThis.gc,
  measure: () => number = () => process.memoryUsage().heapTotal,
): () => void {
  if (collect === undefined) return () => undefined
  let left = 0
  const look = (): void => {
    if (measure() < left + growthBytes) return
    // The thorough kind alone gives back to the system what is free.
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    left = measure()
  }
  const timer = setInterval(look, collectEveryMs).unref()
  return () => clearInterval(timer)
}
