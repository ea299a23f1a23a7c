/**
 * Which numbers of a writer were stored: all up to one, and ranges beyond a gap. Reports may arrive out of order, and a gap
 * closes when the missing one comes. Pure.
 */
import { PilothouseError } from '@pilothouse/contract'

export type WriterNumbers = {
  /** Every number up to this one was seen. */
  upto: number
  /** First and last of each range above a gap, ascending. */
  beyond: readonly (readonly [number, number])[]
}

export const noNumbers: WriterNumbers = { upto: 0, beyond: [] }

/** Gaps that one writer may have open. A reporter sends in order and repeats what failed, so it has a handful at most. */
const rangesMax = 1_000

/** True when the report of that number is stored already. */
export function hasNumber({ upto, beyond }: WriterNumbers, number: number): boolean {
  return number <= upto || beyond.some(([first, last]) => number >= first && number <= last)
}

/**
 * The numbers with one more.
 * @throws PilothouseError `conflict` when too many are missing below.
 */
export function addNumber(numbers: WriterNumbers, number: number): WriterNumbers {
  if (hasNumber(numbers, number)) return numbers
  if (numbers.beyond.length === 0 && number === numbers.upto + 1) return { upto: number, beyond: [] }
  const ranges = mergeRanges([...numbers.beyond, [number, number]])
  const [lowest] = ranges
  const closes = lowest !== undefined && lowest[0] === numbers.upto + 1
  const next: WriterNumbers = closes
    ? { upto: lowest[1], beyond: ranges.slice(1) }
    : { upto: numbers.upto, beyond: ranges }
  if (next.beyond.length <= rangesMax) return next
  throw new PilothouseError(
    'conflict',
    `Reports below number ${number} are missing in more than ${rangesMax} places.`,
    {
      field: 'number',
      expected: `the missing reports first, from ${numbers.upto + 1} on`,
    },
  )
}

function mergeRanges(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const merged: [number, number][] = []
  for (const [first, last] of ranges.toSorted((one, other) => one[0] - other[0])) {
    const before = merged.at(-1)
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else merged.push([first, last])
  }
  return merged
}
