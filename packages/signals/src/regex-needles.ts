import type { RegexNode } from './regex-node.ts'

/** More than so many are no quicker to look for than the expression. */
const needlesMax = 8

/**
 * What is known of the texts of a match without running the expression: `whole` where it is always the same text, and
 * `needles`, of which each match holds one. All in lower case.
 */
type Known = { whole: string | null; needles: readonly string[] }

const nothing: Known = { whole: null, needles: [] }

/** Texts in lower case of which each match holds one; none where that cannot be told. */
export function listNeedles(node: RegexNode): readonly string[] {
  return learn(node).needles
}

function learn(node: RegexNode): Known {
  switch (node.kind) {
    case 'empty':
    case 'assert':
      return knowText('')
    case 'set':
      return node.literal === undefined ? nothing : knowText(node.literal)
    case 'group':
      return learn(node.inner)
    case 'repeat':
      return node.least === 0 ? nothing : { whole: null, needles: learn(node.inner).needles }
    case 'choice':
      return learnChoice(node.options.map(learn))
    case 'sequence':
      return learnSequence(node.parts.map(learn))
    default:
      return node satisfies never
  }
}

function knowText(text: string): Known {
  return { whole: text, needles: text === '' ? [] : [text] }
}

function learnChoice(options: readonly Known[]): Known {
  const needles = options.flatMap((option) => option.needles)
  const isKnown = options.every((option) => option.needles.length > 0) && needles.length <= needlesMax
  return isKnown ? { whole: null, needles } : nothing
}

/** Texts that stand side by side are one; of all that a match must hold, the longest tells most. */
function learnSequence(parts: readonly Known[]): Known {
  let text = ''
  let best: readonly string[] = []
  const offer = (needles: readonly string[]): void => {
    if (measureShortest(needles) > measureShortest(best)) best = needles
  }
  for (const { whole, needles } of parts) {
    if (whole === null) {
      offer(needles)
      text = ''
    } else {
      text += whole
      offer(knowText(text).needles)
    }
  }
  return { whole: parts.every(({ whole }) => whole !== null) ? text : null, needles: best }
}

function measureShortest(needles: readonly string[]): number {
  return needles.length === 0 ? 0 : Math.min(...needles.map(({ length }) => length))
}
