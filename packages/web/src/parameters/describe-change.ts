/** By how much a value changes, in words. Pure. */
import type { ParameterValue } from '@pilothouse/contract'
import { formatValue } from '@pilothouse/signals'

/** From this on a change is told as a factor, below it in percent. */
const factorMin = 1.5

/** «÷ 10», «× 2», «+ 12 %»; undefined where neither says anything. */
export function describeRatio(old: ParameterValue | null, value: ParameterValue): string | undefined {
  if (typeof old !== 'number' || typeof value !== 'number') return undefined
  const ratio = value / old
  if (!Number.isFinite(ratio) || ratio <= 0 || ratio === 1) return undefined
  if (ratio >= factorMin) return `× ${formatValue(ratio)}`
  if (ratio <= 1 / factorMin) return `÷ ${formatValue(1 / ratio)}`
  const percent = (ratio - 1) * 100
  return `${percent > 0 ? '+' : '−'} ${formatValue(Number(Math.abs(percent).toPrecision(3)))} %`
}
