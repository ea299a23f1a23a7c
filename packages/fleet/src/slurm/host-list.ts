import { splitOutsideParentheses } from './gres.ts'

/** Names in one list; what is beyond is left out. */
const namesMax = 100_000

/** `gpu[1-3,07],login` → gpu1, gpu2, gpu3, gpu07, login. Leading zeros stay; several brackets multiply. Never throws. */
export function expandHostList(text: string): string[] {
  const found: string[] = []
  for (const part of splitOutsideParentheses(text)) found.push(...expandPart(part.trim(), namesMax - found.length))
  return found.filter((name) => name !== '' && name !== '(null)' && name !== 'None assigned')
}

/**
 * Elements of a job array, as squeue has them: `12_3` → 12_3; `12_[2-5,9%2]` → 12_2 … 12_5, 12_9, of which two run at once.
 * Any other id stands for itself. A list that squeue has cut (`…`) is as long as what is left of it.
 */
export function expandArrayId(id: string): string[] {
  const [, job, list] = /^(\d+)_\[([\d,:-]*)/.exec(id) ?? []
  return job === undefined || list === undefined ? [id] : expandRanges(list, namesMax).map((one) => `${job}_${one}`)
}

/** Elements that `--array` asks for, as `1-12`, `0,3,7`, `0-8:2`, in their order. */
export function expandIndices(text: string): number[] {
  const indices = expandRanges(text, namesMax).map(Number)
  return [...new Set(indices)].toSorted((one, other) => one - other)
}

function expandPart(part: string, max: number): string[] {
  const [, before, ranges, after] = /^([^[]*)\[([^\]]*)\](.*)$/.exec(part) ?? []
  if (before === undefined || ranges === undefined || after === undefined) return max > 0 ? [part] : []
  const tails = after === '' ? [''] : expandPart(after, max)
  return expandRanges(ranges, max)
    .flatMap((number) => tails.map((tail) => `${before}${number}${tail}`))
    .slice(0, max)
}

/** `1-3,07,0-8:2` */
function expandRanges(text: string, max: number): string[] {
  const found: string[] = []
  for (const range of text.split(',')) {
    const [, first, last = first, step = '1'] = /^(\d+)(?:-(\d+))?(?::(\d+))?$/.exec(range) ?? []
    if (first === undefined || last === undefined || Number(step) === 0) continue
    for (let number = Number(first); number <= Number(last) && found.length < max; number += Number(step))
      found.push(String(number).padStart(first.length, '0'))
  }
  return found
}
