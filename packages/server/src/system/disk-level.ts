import type { SystemStatus } from '@pilothouse/contract'

const giga = 1_000_000_000

/** How urgent the lack of space is: small disks by their share, large ones by what is left. Pure. */
export function judgeDisk(totalBytes: number, freeBytes: number): SystemStatus['disk']['level'] {
  if (freeBytes < Math.min(totalBytes * 0.02, giga)) return 'critical'
  return freeBytes < Math.min(totalBytes * 0.1, 5 * giga) ? 'low' : 'ok'
}
