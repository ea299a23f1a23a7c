import { expect, test } from 'vitest'
import { PilothouseError } from '@pilothouse/contract/wire'
import { parseLogLine } from './parse-log-line.ts'
import { type UserPattern, combinePatterns } from './user-pattern.ts'

function read(patterns: UserPattern[], line: string): object | null {
  const facts = parseLogLine(line, combinePatterns(patterns))
  return facts && { ...facts, metrics: Object.fromEntries(facts.metrics) }
}

test('named groups say what they are', () => {
  const patterns = [
    {
      name: 'ours',
      regex: '^>> (?<step>\\d+) of (?<totalSteps>\\d+) era (?<epoch>\\d+) cost (?<loss>\\S+) rate (?<lr>\\S+)',
    },
  ]
  expect(read(patterns, '>> 10 of 200 era 3 cost 0.5 rate 1e-4')).toEqual({
    step: 10,
    totalSteps: 200,
    epoch: 3,
    metrics: { loss: 0.5, lr: 1e-4 },
  })
})

test('key and value make a metric, and the rest of the line is read as ever', () => {
  const patterns = [{ name: 'arrow', regex: '(?<key>[a-z]+) ~> (?<value>[\\d.]+)' }]
  expect(read(patterns, 'step 5 quality ~> 0.75 loss=0.5')).toEqual({ step: 5, metrics: { quality: 0.75, loss: 0.5 } })
})

test('what the user says comes before what is built in', () => {
  const patterns = [{ name: 'own', regex: 'Epoch (?<step>\\d+)', stepsRestart: false }]
  expect(read(patterns, 'Epoch 7 loss 0.5')).toEqual({ step: 7, metrics: { loss: 0.5 } })
})

test('a pattern may end an epoch or count steps anew in each', () => {
  expect(read([{ name: 'end', regex: 'era over', endsEpoch: true }], 'The era over: loss 1')).toEqual({
    epochEnded: true,
    metrics: { loss: 1 },
  })
  expect(read([{ name: 'own', regex: 'b#(?<step>\\d+)', stepsRestart: true }], 'b#5')).toEqual({
    step: 5,
    stepScope: 'epoch',
    metrics: {},
  })
})

test('what a group catches that is no number is no metric', () => {
  expect(read([{ name: 'a', regex: 'cost (?<cost>\\S+)' }], 'step 1 cost high')).toEqual({ step: 1, metrics: {} })
})

test('a line without any number may match', () => {
  expect(read([{ name: 'a', regex: 'phase (?<stage>\\w+)' }], 'phase warm')).toEqual({ stage: 'warm', metrics: {} })
})

test('case counts only where it is asked for', () => {
  expect(read([{ name: 'a', regex: 'COST (?<cost>\\d+)' }], 'step 1 cost 5')).toMatchObject({ metrics: { cost: 5 } })
  expect(read([{ name: 'a', regex: 'COST (?<cost>\\d+)', caseSensitive: true }], 'step 1 cost 5')).toMatchObject({
    metrics: {},
  })
})

test.each([
  ['(?<step>\\d+', 'it is no valid regular expression: /(?<step>\\d+/: Unterminated group'],
  ['\\d+', 'it has no named group, such as (?<step>\\d+) or (?<loss>[\\d.]+)'],
  ['(?<key>\\w+)', 'the groups «key» and «value» belong together'],
  ['(?<step>\\d+)(?=x)', 'looking ahead or behind, and flags inside, are not supported (at character 14)'],
  ['(?<step>\\d+)(?<!x)', 'looking ahead or behind, and flags inside, are not supported (at character 15)'],
  ['(?<step>\\d+)\\1', 'references to groups are not supported (at character 14)'],
  ['(?<step>(?:\\d{1,50}){1,50})', 'it is too large: counted repetitions are written out'],
  [`(?<step>${'a'.repeat(1_000)})`, 'it has more than 1000 characters'],
])('/%s/ is refused with the reason', (regex, why) => {
  const combine = (): unknown =>
    combinePatterns([
      { name: 'fine', regex: '(?<step>\\d+)' },
      { name: 'mine', regex },
    ])
  expect(combine).toThrow(PilothouseError)
  expect(combine).toThrow(`The log pattern «mine» cannot be used: ${why}.`)
  try {
    combine()
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid', field: 'patterns[1].regex' })
  }
})
