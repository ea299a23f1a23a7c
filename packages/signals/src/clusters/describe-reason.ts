import { formatRelativeTime } from '../format.ts'

/** Why a node starts nothing, with who wrote that and when: Slurm has `fan [root@1795979545]`. */
export function describeReason(reason: string, now: number): string {
  return reason.replace(/\s*\[([^@[\]]+)@(\d{9,11})\]$/, (_, who: string, seconds: string) => {
    return ` (${who}, ${formatRelativeTime(Number(seconds) * 1000, now)})`
  })
}
