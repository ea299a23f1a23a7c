import type { Impact } from '@pilothouse/contract'
import { formatCount, formatValue } from '@pilothouse/signals'
import { LinePlot, type PlotLine } from '../ui/line-plot.tsx'

/** What came, what was expected, how far that may be off, and where the change was. */
export function ImpactChart({ impact }: { impact: Impact }) {
  const { key, actual, forecast, changeStep } = impact
  const hasForecast = forecast.steps.length > 0
  const lines: PlotLine[] = [
    { name: key, xs: actual.steps, ys: actual.values, look: 'solid' },
    ...(hasForecast
      ? [{ name: 'expected', xs: forecast.steps, ys: forecast.values, look: 'dashed' } satisfies PlotLine]
      : []),
  ]
  const band = hasForecast
    ? { name: '95 % of what was expected', xs: forecast.steps, lower: forecast.lower, upper: forecast.upper }
    : undefined
  return (
    <LinePlot
      label={describeImpact(impact)}
      lines={lines}
      band={band}
      marks={[{ x: changeStep, name: 'the change' }]}
      className="h-56"
    />
  )
}

function describeImpact({ key, actual, forecast, changeStep, effect }: Impact): string {
  const first = actual.steps[0] ?? changeStep
  const last = actual.steps.at(-1) ?? changeStep
  const what = `${key} from step ${formatCount(first)} to ${formatCount(last)}, with the change at step ${formatCount(changeStep)}.`
  const end = actual.values.at(-1)
  const came = end === undefined ? '' : ` It ends at ${formatValue(end)}`
  const wanted = forecast.values.at(-1)
  const low = forecast.lower.at(-1)
  const high = forecast.upper.at(-1)
  if (effect === null || wanted === undefined || low === undefined || high === undefined)
    return `${what}${came === '' ? '' : `${came}.`} There is no forecast.`
  return `${what}${came}; ${formatValue(wanted)} was expected there, from ${formatValue(low)} to ${formatValue(high)}.`
}
