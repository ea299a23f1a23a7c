/** What a change did, in words and figures. */
import type { Impact, ImpactDifference } from '@pilothouse/contract'
import { formatCount, formatValue } from '../format.ts'
import { type Windows, pointsAfterMin, pointsBeforeMin } from './choose-windows.ts'

/** One sentence or two. «Expected range» is the difference that comes about without any change, in 95 of 100 cases. */
export function describeImpact(
  impact: Omit<Impact, 'words'>,
  { isCutByLast, isCutByNext }: Pick<Windows, 'isCutByLast' | 'isCutByNext'>,
): string {
  const { key, before, after, changeStep, nonFinite, effect, verdict } = impact
  switch (verdict) {
    case 'tooShort':
      if (before.points < pointsBeforeMin) {
        const since = isCutByLast ? 'between the last change and this one' : 'before the change'
        return `Too little ${since}: ${countWords(before.points, 'value')} of ${key}, ${pointsBeforeMin} are needed to tell what was to be expected.`
      }
      return `The next change came too soon: ${countWords(after.points, 'value')} of ${key} in between, ${pointsAfterMin} are needed.`
    case 'tooEarly':
      return `Too early to tell: ${countWords(after.points, 'value')} of ${key} since step ${formatCount(changeStep)}, ${pointsAfterMin} are needed.`
    case 'tooNoisy':
      return `Too noisy to tell: ${key} would have to be more than ${formatValue(halfOf(effect?.mean))} off what was expected, which is more than it moved in all the ${spanOf(impact)} before.`
    case 'none':
      return effect === null
        ? ''
        : `No clear effect: ${key} is ${describeSize(effect.mean)} what ${describePast(impact)}, expected range ${describeRange(effect.mean)}.`
    case 'better':
    case 'worse':
    case 'changed':
      return effect === null
        ? `${key} is NaN or infinite: ${nonFinite.after} of ${nonFinite.after + after.points} values since step ${formatCount(changeStep)}${isCutByNext ? ' until the next change' : ''}.`
        : describeEffect(impact, effect)
    default:
      return verdict satisfies never
  }
}

function describeEffect(impact: Omit<Impact, 'words'>, effect: NonNullable<Impact['effect']>): string {
  const { key, verdict } = impact
  const word = verdict === 'changed' ? '' : `, which is ${verdict}`
  const isMeanClear = isClear(effect.mean)
  const shown = isMeanClear ? effect.mean : effect.end
  const when = isMeanClear ? '' : 'In the end '
  const what = `${when}${key} ${isMeanClear ? 'was' : 'is'} ${describeSize(shown)} what ${describePast(impact)}${word}; expected range ${describeRange(shown)}.`
  if (!isMeanClear) return what
  if (isClear(effect.end)) {
    const size = Math.abs(effect.end.absolute) / Math.abs(effect.mean.absolute)
    const isOpposite = effect.end.absolute > 0 !== effect.mean.absolute > 0
    if (isOpposite) return `${what} It has turned: in the end ${describeSize(effect.end)} it.`
    return size > 1.5 ? `${what} It grows: in the end ${describeSize(effect.end)} it.` : what
  }
  return `${what} In the end nothing of it is clear: ${describeSize(effect.end)} it.`
}

/** `0.041 (3.1 %) below`. */
function describeSize({ absolute, relative }: ImpactDifference): string {
  const share = relative === null ? '' : ` (${formatShare(Math.abs(relative))})`
  return `${formatRounded(Math.abs(absolute))}${share} ${absolute < 0 ? 'below' : 'above'}`
}

function describePast(impact: Pick<Impact, 'before' | 'changeStep'>): string {
  return `the ${spanOf(impact)} before lead one to expect`
}

function describeRange(difference: ImpactDifference): string {
  return `±${formatRounded(halfOf(difference))}`
}

function spanOf({ before, changeStep }: Pick<Impact, 'before' | 'changeStep'>): string {
  return countWords(changeStep - before.from, 'step')
}

function countWords(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Half of the interval: how far off the mark counts as nothing. */
function halfOf(difference: ImpactDifference | undefined): number {
  return difference ? (difference.upper - difference.lower) / 2 : Number.NaN
}

function isClear({ lower, upper }: ImpactDifference): boolean {
  return lower > 0 || upper < 0
}

/** Two digits: more would claim what nobody knows. */
function formatRounded(value: number): string {
  return formatValue(Number(value.toPrecision(2)))
}

function formatShare(share: number): string {
  return `${formatValue(Number((100 * share).toPrecision(2)))} %`
}
