import { expect, it } from 'vitest'
import { describeCost, formatMoney, formatPrice } from './format-money.ts'

const plain = (text: string) => text.replaceAll('\u202f', ' ').replaceAll('\u00a0', ' ')

it.each([
  [0, 'USD', '$0.00'],
  [18.4, 'USD', '$18.40'],
  [0.004, 'USD', '< $0.01'],
  [999.4, 'EUR', '€999.40'],
  [1_234.5, 'EUR', '€1 235'],
  [123_456, 'CHF', 'CHF 123 456'],
  [12.3, 'JPY', '¥12'],
  [0.2, 'JPY', '< ¥1'],
  [2_345_678, 'USD', '$2.346M'],
  [Number.NaN, 'USD', '–'],
  [Infinity, 'USD', '–'],
])('%d %s reads %s', (amount, currency, text) => {
  expect(plain(formatMoney(amount, currency))).toBe(text)
})

it('a price has all its digits', () => {
  expect(formatPrice(1.9, 'USD')).toBe('$1.90')
  expect(formatPrice(0.0035, 'USD')).toBe('$0.0035')
  expect(formatPrice(300, 'JPY')).toBe('¥300')
})

it('a cost says what it rests on', () => {
  const parts = [
    { kind: 'gpu', name: 'NVIDIA A100', count: 2, perHour: 1.9 },
    { kind: 'host', name: null, count: 1, perHour: 0.1 },
  ] as const
  expect(describeCost({ amount: 13.26, currency: 'USD', hours: 3.4, parts: [...parts] })).toBe(
    '2 × NVIDIA A100 at $1.90 a GPU-hour, 1 host at $0.10 an hour, 3.4 h',
  )
})
