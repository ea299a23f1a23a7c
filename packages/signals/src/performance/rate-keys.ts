/** Metrics by which scripts themselves say how fast they are, and how long they waited for their input. */

const rateEnds = /(?:per_?sec(?:ond)?s?|\/s(?:ec(?:ond)?)?|(?:^|[/_.])(?:fps|tps|ips|throughput))$/i
const inputWords = new Set(['data', 'dataload', 'dataloader', 'dataloading', 'loader', 'input', 'fetch', 'batchload'])
const timeWords = new Set(['time', 'wait', 'waiting', 'seconds', 'sec', 's', 'ms', 'load', 'loading'])
/** Of held-out data: its loading does not hold up the training. */
const otherWords = new Set(['val', 'valid', 'validation', 'eval', 'evaluation', 'test', 'total', 'size', 'epoch'])

/** True for samples, tokens, frames a second, as scripts log them: `train_samples_per_second`, `tokens/s`, `fps`. */
export function isRateKey(key: string): boolean {
  return rateEnds.test(key)
}

/** True for the time that a step waited for its data: `data_time`, `time/data`, `dataloader_wait_ms`. */
export function isInputWaitKey(key: string): boolean {
  const words = splitWords(key)
  return (
    words.some((word) => inputWords.has(word)) &&
    words.some((word) => timeWords.has(word)) &&
    !words.some((word) => otherWords.has(word))
  )
}

/**
 * Time lost waiting for input: what a step waited on average, times the steps. null where no metric tells, and where the
 * figure cannot be a time of each step in seconds (milliseconds if its name says so), as it is longer than the job.
 */
export function findInputWait(
  own: readonly { key: string; mean: number }[],
  { steps, busyMs }: { steps: number; busyMs: number },
): { key: string; ms: number; share: number } | null {
  const found = own.find(({ key, mean }) => isInputWaitKey(key) && mean >= 0)
  if (!found || busyMs <= 0) return null
  const unitMs = splitWords(found.key).includes('ms') ? 1 : 1_000
  const ms = found.mean * unitMs * steps
  return ms > busyMs ? null : { key: found.key, ms, share: ms / busyMs }
}

function splitWords(key: string): string[] {
  return key
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}
