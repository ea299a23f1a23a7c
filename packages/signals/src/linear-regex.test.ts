import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LinearRegex } from './linear-regex.ts'
import { cpuTimeMs } from './test-cpu-time.ts'

function compare(source: string, text: string, ignoreCase = false): void {
  const native = new RegExp(source, ignoreCase ? 'i' : '').exec(text)
  const regex = new LinearRegex(source, { ignoreCase })
  const own = regex.exec(text)
  const shape = native && { index: native.index, 0: native[0], groups: { ...native.groups } }
  expect(own, `/${source}/ on «${text}»`).toEqual(shape)
  expect(regex.test(text)).toBe(native !== null)
  if (native) expect(regex.mayMatch(`before\n${text}\nbehind`.toLowerCase()), `/${source}/ on «${text}»`).toBe(true)
}

test.each([
  ['a+b*c?', 'xxaaabbbc'],
  ['(?<step>\\d+)/(?<totalSteps>\\d+)', 'at 10/200 now'],
  ['(?<a>x|xy)(?<b>y|z)?$', 'xy'],
  ['^(?<key>\\w+)\\s*=\\s*(?<value>[-+]?\\d*\\.?\\d+(?:e[-+]?\\d+)?)', 'loss = 3.5e-4'],
  ['a{2,3}', 'aaaa'],
  ['a{2,}?b', 'aaaab'],
  ['(?<x>a*?)b', 'aab'],
  ['[^\\d\\s-]+', '12 -ab'],
  ['[a\\-z]+', 'b-az'],
  ['\\bfoo\\B', 'foo food'],
  ['x{a}', 'x{a}'],
  ['\\x41\\u0042[\\x43-\\x45]', 'ABD'],
  ['(?:a|b)*c', 'ababac'],
  ['', 'abc'],
  ['.', '\n🙂'],
  ['[\\]]', 'a]b'],
  ['(?<a>a)|(?<b>b)', 'b'],
  ['ä+', 'xÄÄ'],
])('/%s/ finds in «%s» what JavaScript finds', (source, text) => {
  compare(source, text)
  compare(source, text, true)
})

test('expressions made at random find what JavaScript finds', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '\\b', '1', '^', '$', '(?:ab)', 'A')
  const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '*?', '+?', '{1,2}', '{2}')
  const quantified = fc.tuple(atom, quantifier).map(([one, times]) => (/^(?:\^|\$|\\b)$/.test(one) ? one : one + times))
  const sequence = fc.array(quantified, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
  const source = fc.tuple(sequence, sequence, sequence).map(([one, two, three]) => `${one}(?<x>${two}|${three})`)
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', 'A'), maxLength: 12 })
  fc.assert(
    fc.property(source, text, fc.boolean(), (pattern, subject, ignoreCase) => compare(pattern, subject, ignoreCase)),
    { numRuns: 2_000 },
  )
})

test.each([
  ['cuda error: \\d+', 'cuda fault', 'CUDA error: 7'],
  ['(oom|out of (?:gpu )?memory)', 'in memory', 'Out of GPU memory'],
  ['x+(ab)+c?', 'ac', 'XAB'],
  ['\\d+\\.5', '15', '1.5'],
  ['^\\bloss\\b$', 'los', 'LOSS'],
])('that /%s/ cannot match «%s» is seen from its letters', (source, without, within) => {
  const regex = new LinearRegex(source, { ignoreCase: true })
  expect(regex.mayMatch(without)).toBe(false)
  expect(regex.mayMatch(within.toLowerCase())).toBe(true)
  expect(regex.test(within)).toBe(true)
})

test('letters beyond ASCII may be other cases of those that are looked for', () => {
  for (const [source, text] of [
    ['mass', 'maſs'],
    ['MASS', 'MAſſ'],
    ['ikx', 'İKX'],
  ] as const) {
    const regex = new LinearRegex(source, { ignoreCase: true })
    if (regex.test(text)) expect(regex.mayMatch(text.toLowerCase())).toBe(true)
    expect(regex.mayMatch('plain')).toBe(false)
  }
})

test('expressions that take exponential time elsewhere are done at once', () => {
  const started = cpuTimeMs()
  for (const source of [
    '(a+)+$',
    '(a*)*b',
    '(a|a)*b',
    '(a|aa)+$',
    '(.*)*x',
    '(?:.*a){12}',
    '(\\w+\\s?)*$',
    'a*a*a*a*a*a*b',
  ]) {
    new LinearRegex(source).exec('a'.repeat(1_000_000))
    new LinearRegex(source).exec(`${'a'.repeat(4_000)}!`)
  }
  const ms = cpuTimeMs() - started
  process.stdout.write(`LinearRegex: 16 adversarial runs in ${ms.toFixed(0)} ms\n`)
  expect(ms).toBeLessThan(3_000)
})
