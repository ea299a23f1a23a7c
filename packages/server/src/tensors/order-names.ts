/**
 * Compares names of tensors by their parts, whole numbers as numbers: `layers.2.weight` stands before
 * `layers.10.weight`.
 */
export function compareNames(one: string, other: string): number {
  const [left, right] = [one.split('.'), other.split('.')]
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const order = compareParts(left[at] ?? '', right[at] ?? '')
    if (order !== 0) return order
  }
  return left.length - right.length
}

/** What a tensor belongs to: its name without the last part. */
export function nameLayer(name: string): string {
  const at = name.lastIndexOf('.')
  return at < 0 ? name : name.slice(0, at)
}

function compareParts(one: string, other: string): number {
  const [left, right] = [one, other].map((part) => (/^\d{1,15}$/.test(part) ? Number(part) : undefined))
  if (left !== undefined && right !== undefined && left !== right) return left - right
  if (one === other) return 0
  // Numbers before words, whatever the words are: else three names could each stand before the next.
  if ((left === undefined) !== (right === undefined)) return left === undefined ? 1 : -1
  return one < other ? -1 : 1
}
