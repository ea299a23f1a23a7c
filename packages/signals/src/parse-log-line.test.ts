import fc from 'fast-check'
import { expect, test } from 'vitest'
import { builtInPatterns } from './log-catalogue.ts'
import { parseLogLine, parsedLineLengthMax } from './parse-log-line.ts'
import { cpuTimeMs } from './test-cpu-time.ts'

const units = [
  'epoch ',
  'epoch 1',
  'Epoch [',
  '[1/',
  '[ 1/1 ',
  '1/1 ',
  '45%|',
  '45%|█| 1/2 [00:00<',
  'step 1,000',
  'step',
  'loss',
  'loss=',
  'loss: 1 ',
  'a b ',
  ' ',
  '(',
  ')',
  '((((',
  "'",
  '"',
  "{'",
  '{"a":',
  '1',
  '1,',
  '1.1',
  '1e',
  '-',
  '.',
  '|',
  '| a 1 ',
  'val ',
  'test ',
  '━',
  '1/2 ━',
  '=',
  '> ',
  ':',
  '\u001b[',
  '\r',
  'é',
  'A.',
  'total steps',
  'nan',
  'tensor(',
  '*',
]

test('adversarial lines, up to a megabyte, take bounded time', () => {
  let worst = { unit: '', length: 0, ms: 0 }
  for (const unit of units) {
    for (const length of [parsedLineLengthMax, 1_000_000]) {
      const line = unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
      const started = cpuTimeMs()
      parseLogLine(line)
      parseLogLine(`${line.slice(0, -1)}!`)
      const ms = cpuTimeMs() - started
      if (ms > worst.ms) worst = { unit, length, ms }
    }
  }
  process.stdout.write(`parseLogLine, worst: ${JSON.stringify(worst)}\n`)
  expect(worst.ms).toBeLessThan(400)
})

test('twice the length takes about twice the time, for every pattern and every adversarial line', () => {
  for (const { name, regex } of builtInPatterns) {
    for (const unit of units) {
      const line = unit.repeat(Math.ceil(8_000 / unit.length))
      const started = cpuTimeMs()
      regex.exec(line)
      const ms = cpuTimeMs() - started
      expect(ms, `${name} on ${unit}`).toBeLessThan(200)
    }
  }
})

test('no text whatsoever makes it fail', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void parseLogLine(text)))
})

test('printed values come back as they were', () => {
  const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0)
  fc.assert(
    fc.property(value, fc.nat(1_000_000), (loss, step) => {
      const facts = parseLogLine(`step ${step}: loss = ${loss}`)
      expect(facts?.step).toBe(step)
      expect(facts?.metrics.get('loss')).toBe(loss)
      expect(parseLogLine(`{'loss': ${loss}, 'epoch': 0.5}`)?.metrics.get('loss')).toBe(loss)
      expect(parseLogLine(JSON.stringify({ step, loss }))?.metrics.get('loss')).toBe(loss)
    }),
  )
})

test('an ordinary line takes microseconds', () => {
  const lines = [
    'Step 100: Loss = 2.345, LR = 0.0001, tokens/s = 12345, grad_norm = 1.2',
    ' 45%|████▌     | 90/200 [00:10<00:12,  8.90it/s, v_num=0, train_loss=0.123]',
    "{'loss': 0.31, 'grad_norm': 1.234, 'learning_rate': 4.9e-05, 'epoch': 0.02}",
    'ordinary words that say nothing about anything in particular, as scripts print them',
  ]
  const count = 40_000
  for (let at = 0; at < count / 4; at += 1) parseLogLine(lines[at % 4]!)
  const started = cpuTimeMs()
  for (let at = 0; at < count; at += 1) parseLogLine(lines[at % 4]!)
  const microseconds = ((cpuTimeMs() - started) * 1_000) / count
  process.stdout.write(`parseLogLine: ${microseconds.toFixed(1)} µs a line\n`)
  expect(microseconds).toBeLessThan(200)
})
