/**
 * What has been added to a log of which only the last lines are told each time. `before` is what it ended with then, or the last of
 * that; `ended` is how many lines were told then. All lines are new where nothing of `before` is left: the log grew faster than it
 * was read, or is another.
 */
export function findNewLines(before: readonly string[], now: readonly string[], ended = before.length): string[] {
  if (before.length === 0) return [...now]
  const endsAt = (at: number): boolean => {
    const common = Math.min(at, before.length)
    if (common === 0 || at > now.length) return false
    for (let back = 1; back <= common; back += 1) if (now[at - back] !== before[before.length - back]) return false
    return true
  }
  // As long as all of it is told, it ends where it did.
  if (endsAt(ended)) return now.slice(ended)
  for (let at = now.length; at > 0; at -= 1) if (endsAt(at)) return now.slice(at)
  return [...now]
}
