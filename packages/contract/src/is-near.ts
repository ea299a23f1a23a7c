/** True when one letter more, less or other makes one the other. */
export function isNear(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false
  let head = 0
  while (head < one.length && one[head] === other[head]) head += 1
  const isSwap = one[head] === other[head + 1] && one[head + 1] === other[head]
  if (isSwap && one.slice(head + 2) === other.slice(head + 2)) return true
  return [
    [1, 1],
    [1, 0],
    [0, 1],
  ].some(([a = 0, b = 0]) => one.slice(head + a) === other.slice(head + b))
}
