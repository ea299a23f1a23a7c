/** Lines of `next`, from 0, without the last, that lie between what both texts begin and end with. Pure. */
export function findChangedLines(before: string, next: string): { from: number; until: number } {
  const [old, now] = [before.split('\n'), next.split('\n')]
  const most = Math.min(old.length, now.length)
  let from = 0
  while (from < most && old[from] === now[from]) from += 1
  let same = 0
  while (same < most - from && old.at(-1 - same) === now.at(-1 - same)) same += 1
  return { from, until: now.length - same }
}
