/** Differences of two texts, word by word; long ones line by line, so that the work stays bounded. */

export type DiffPart = { kind: 'same' | 'added' | 'removed'; text: string }

/** Words that are compared one by one; beyond, lines are. */
const wordsMax = 4_000
/** Steps of the search; beyond, what is left counts as replaced as a whole. */
const editsMax = 1_500

/** Parts in order: `same` and `removed` make up `before`, `same` and `added` make up `after`. */
export function diffWords(before: string, after: string): DiffPart[] {
  const words = [splitWords(before), splitWords(after)] as const
  const fits = words.every(({ length }) => length <= wordsMax)
  const [a, b] = fits ? words : ([splitLines(before), splitLines(after)] as const)
  const head = countSame(a, b, (at) => at)
  const tail = Math.min(
    countSame(a, b, (at, list) => list.length - 1 - at),
    Math.min(a.length, b.length) - head,
  )
  const middle = diffMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  return joinParts([
    { kind: 'same', text: a.slice(0, head).join('') },
    ...middle,
    { kind: 'same', text: a.slice(a.length - tail).join('') },
  ])
}

function splitWords(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? []
}

function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

function countSame(a: readonly string[], b: readonly string[], place: (at: number, list: readonly string[]) => number) {
  const most = Math.min(a.length, b.length)
  let count = 0
  while (count < most && a[place(count, a)] === b[place(count, b)]) count += 1
  return count
}

/** The shortest edit (Myers): `reach[k]` is how far down diagonal k one gets with so many edits. */
function diffMiddle(a: readonly string[], b: readonly string[]): DiffPart[] {
  const trace: Int32Array[] = []
  const most = Math.min(a.length + b.length, editsMax)
  const reach = new Int32Array(2 * most + 3)
  const zero = most + 1
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(reach.slice())
    for (let k = -edits; k <= edits; k += 2) {
      let x = stepsDown(reach, zero, k, edits) ? (reach[zero + k + 1] ?? 0) : (reach[zero + k - 1] ?? 0) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1
      reach[zero + k] = x
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, trace, zero)
    }
  }
  return [
    { kind: 'removed', text: a.join('') },
    { kind: 'added', text: b.join('') },
  ]
}

/** Whether diagonal k is best reached by an insertion. */
function stepsDown(reach: Int32Array, zero: number, k: number, edits: number): boolean {
  return k === -edits || (k !== edits && (reach[zero + k - 1] ?? 0) < (reach[zero + k + 1] ?? 0))
}

function walkBack(a: readonly string[], b: readonly string[], trace: Int32Array[], zero: number): DiffPart[] {
  const parts: DiffPart[] = []
  let [x, y] = [a.length, b.length]
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const reach = trace[edits] ?? new Int32Array()
    const k = x - y
    const before = stepsDown(reach, zero, k, edits) ? k + 1 : k - 1
    const fromX = edits === 0 ? 0 : (reach[zero + before] ?? 0)
    const fromY = edits === 0 ? 0 : fromX - before
    while (x > fromX && y > fromY) {
      x -= 1
      y -= 1
      parts.push({ kind: 'same', text: a[x] ?? '' })
    }
    if (edits > 0 && x > fromX) parts.push({ kind: 'removed', text: a[(x -= 1)] ?? '' })
    else if (edits > 0) parts.push({ kind: 'added', text: b[(y -= 1)] ?? '' })
  }
  return parts.toReversed()
}

/** Neighbours of one kind become one part; what was removed stands before what was added. */
function joinParts(parts: readonly DiffPart[]): DiffPart[] {
  const joined: DiffPart[] = []
  for (const part of parts) {
    if (part.text === '') continue
    const last = joined.at(-1)
    const beforeLast = joined.at(-2)
    if (last?.kind === part.kind) last.text += part.text
    else if (part.kind === 'removed' && last?.kind === 'added' && beforeLast?.kind === 'removed')
      beforeLast.text += part.text
    else if (part.kind === 'removed' && last?.kind === 'added') joined.splice(-1, 0, { ...part })
    else joined.push({ ...part })
  }
  return joined
}
