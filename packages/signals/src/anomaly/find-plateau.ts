import { formatCount, formatValue } from '../format.ts'
import type { Finding } from './anomaly.ts'
import { type MeanBlocks, fitLine } from './mean-blocks.ts'

export type PlateauWatch = {
  isOpen: boolean
  /** Mean of the plateau, and how much below it is an end. */
  level: number
  margin: number
}

export const noPlateau: PlateauWatch = { isOpen: false, level: 0, margin: 0 }

/**
 * A plateau: the newest two fifths of all points improve by less than a third of what the stretch before them did, and twice
 * the standard error does not change that; nor do they rise.
 *
 * Both stretches are as long beside what lies before them (a factor of 1.7), so that a curve which learns as a power of its
 * steps, as most do, improves in the later one by at least 1.7^-1 = 0.59 of what it did in the earlier one; only a curve
 * that stops falls behind that. Not before learning began: the earlier stretch must have improved, by four standard errors
 * and by a share of all that was learned. Not where little is left to learn: the curve has come down to a fiftieth of where
 * it began. A curve that ends at a floor above that is told once, too: no detector knows that floor.
 */
const growth = 1.7
const blocksMin = 36
const slackShare = 0.35
const newErrors = 2
const oldErrors = 4
const learnedShare = 0.003
const convergedShare = 0.02
/** An end: below the plateau by this share of what was learned in the stretch before it. */
const endShare = 0.25
const endBlocks = 3

/** To be asked when a block has become full. `watch` is the caller's own. */
export function findPlateau(watch: PlateauWatch, { means, size }: MeanBlocks, sign: 1 | -1): Finding | null {
  if (watch.isOpen) return closePlateau(watch, means, sign)
  if (means.length < blocksMin) return null
  const to = Math.round(means.length / growth)
  const from = Math.round(to / growth)
  const newer = fitLine(means.slice(to))
  const older = fitLine(means.slice(from, to))
  const first = means[0] ?? 0
  const learned = first - newer.mean
  // After a restart of the learning rate a curve comes down again, and has learned only what lies below where it had been.
  const lowest = Math.min(...means.slice(0, from))
  const improved = Math.min(-older.rise, lowest - (older.mean + older.rise / 2))
  const hadLearned = improved > oldErrors * older.error && improved > learnedShare * learned && learned > 0
  const isConverged = Math.abs(newer.mean) <= convergedShare * Math.abs(first)
  if (!hadLearned || isConverged) return null
  // What rises is another matter.
  if (Math.abs(newer.rise) + newErrors * newer.error >= slackShare * improved) return null
  watch.isOpen = true
  watch.level = newer.mean
  watch.margin = endShare * improved
  const points = formatCount((means.length - to) * size)
  const why = `No better for ${points} points: about ${formatValue(sign * Number(newer.mean.toPrecision(3)))}, and before that it was improving.`
  return { kind: 'plateau', phase: 'raised', why }
}

function meanOf(means: readonly number[]): number {
  return means.reduce((sum, one) => sum + one, 0) / means.length
}

function closePlateau(watch: PlateauWatch, means: readonly number[], sign: 1 | -1): Finding | null {
  const newest = means.slice(-endBlocks)
  const mean = meanOf(newest)
  if (newest.length < endBlocks || mean >= watch.level - watch.margin) return null
  watch.isOpen = false
  return {
    kind: 'plateau',
    phase: 'resolved',
    why: `It improves again: ${formatValue(sign * Number(mean.toPrecision(3)))}.`,
  }
}
