import stringWidth from 'string-width'
import { expect, it } from 'vitest'
import {
  type ComparedAnswer,
  viewComparedRequest,
  viewComparisonEnd,
  viewComparisonHead,
} from './answer-comparison-view.ts'
import { createPaint } from './paint.ts'

const plain = { paint: createPaint({ enabled: false }), width: 41, linesMax: 8 }
const brackets = { ...plain, paint: (style: string, text: string) => (style === 'yellow' ? `[${text}]` : text) }

function answer(text: string, isFailure = false): ComparedAnswer {
  return { text, isFailure }
}

function compare(answers: ComparedAnswer[], view = plain): string[] {
  const isSame = answers.every((one) => one?.text === answers[0]?.text)
  return viewComparedRequest({ customId: 'request-1', isSame, answers }, view)
}

it('answers stand beside each other, wrapped between words', () => {
  expect(compare([answer('the quick brown fox jumps over it'), answer('short\n\nlines')])).toEqual([
    '≠ request-1',
    'the quick brown fox │ short',
    'jumps over it       │',
    '                    │ lines',
  ])
  expect(compare([answer('same'), answer('same')])).toEqual(['= request-1', 'same                │ same'])
})

it('only the words that are not shared are marked', () => {
  const [, line] = compare([answer('a red fox ran'), answer('a very blue fox ran')], brackets)
  expect(line).toBe('a [red] fox ran       │ a [very] [blue] fox ran')
})

it('no line is wider than the terminal, whatever the script, and long words are cut into pieces', () => {
  const texts = ['日本語の長い文章は空白なしで続きます', 'x'.repeat(70), '👩‍👩‍👧‍👧 family e\u0301 end']
  for (const width of [30, 41, 80, 121])
    for (const line of compare(
      texts.map((text) => answer(text)),
      { ...plain, width },
    ))
      expect(stringWidth(line)).toBeLessThanOrEqual(width)
})

it('long answers are cut, missing and empty ones are said, and nothing acts on the terminal', () => {
  const long = answer(Array.from({ length: 50 }, () => 'word').join('\n'))
  const lines = compare([long, null, answer('')])
  expect(lines).toHaveLength(9)
  expect(lines[1]).toBe('word        │ –           │ (empty)')
  expect(lines.at(-1)).toMatch(/^…/)
  expect(compare([answer('\u001B[2Jgone\u0007'), answer('x', true)]).join('')).not.toMatch(/[\u001B\u0007]/)
})

it('names stand above the columns, and the end says how many there were', () => {
  expect(viewComparisonHead(['small  batch_aaaaaaaaaaaaa', 'large'], plain)).toBe('small  batch_aaaaa… │ large')
  expect(viewComparisonEnd({ requests: 5, same: 3, different: 1, missing: 1 })).toBe(
    '5 requests: 3 the same, 1 different, 1 not in all of them',
  )
})
