/** A whole curve in at most 128 means of as many points each: when they are full, neighbours become one. */
export type MeanBlocks = {
  /** Points of one block. */
  size: number
  means: number[]
  /** The block being filled. */
  openSum: number
  openCount: number
}

const blocksMax = 128
const firstSize = 8

export const emptyBlocks: MeanBlocks = { size: firstSize, means: [], openSum: 0, openCount: 0 }

/** Takes a value into `blocks`, which is the caller's own. True when a block is full. */
export function foldBlocks(blocks: MeanBlocks, value: number): boolean {
  blocks.openSum += value
  blocks.openCount += 1
  if (blocks.openCount < blocks.size) return false
  blocks.means.push(blocks.openSum / blocks.openCount)
  blocks.openSum = 0
  blocks.openCount = 0
  if (blocks.means.length >= blocksMax) halve(blocks)
  return true
}

function halve(blocks: MeanBlocks): void {
  const halved: number[] = []
  for (let at = 0; at + 1 < blocks.means.length; at += 2)
    halved.push(((blocks.means[at] ?? 0) + (blocks.means[at + 1] ?? 0)) / 2)
  blocks.means = halved
  blocks.size *= 2
}

export type Line = {
  /** From the first mean to the last one along the line; positive: it rises. */
  rise: number
  /** Standard error of `rise`; it has all that varies from block to block in it. */
  error: number
  mean: number
}

/** The line of least squares through means at equal distances. At least 3. */
export function fitLine(means: readonly number[]): Line {
  const { length } = means
  const mean = means.reduce((sum, one) => sum + one, 0) / length
  const middle = (length - 1) / 2
  let [xy, xx] = [0, 0]
  for (const [at, one] of means.entries()) {
    xy += (at - middle) * (one - mean)
    xx += (at - middle) ** 2
  }
  const slope = xy / xx
  const squares = means.reduce((sum, one, at) => sum + (one - mean - slope * (at - middle)) ** 2, 0)
  const error = Math.sqrt(squares / Math.max(1, length - 2) / xx)
  return { rise: slope * (length - 1), error: error * (length - 1), mean }
}
