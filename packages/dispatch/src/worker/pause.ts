import { setTimeout as sleep } from 'node:timers/promises'

const waitMs = { first: 250, most: 10_000 }

/** Waits so long, or until the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}

/** How long to wait after so many failures in a row, the first being 1; at most 10 s. `random`: 0 … 1. Pure. */
export function waitAfter(failures: number, random: number): number {
  const full = Math.min(waitMs.most, waitMs.first * 2 ** (failures - 1))
  return full * (0.5 + random / 2)
}
