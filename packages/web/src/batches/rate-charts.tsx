import { useState, type KeyboardEvent } from 'react'
import type { BatchDetail } from '@pilothouse/contract'
import { formatValue } from '@pilothouse/signals'
import { formatClockTime, formatExactTime } from '../app/format-clock-time.ts'
import { framePlot, listTicks, placeX, placeY, tracePath, type PlotFrame } from '../ui/plot-frame.ts'
import { formatSpeed, listRates } from './batch-words.ts'

/** Requests and tokens a second since it began; the cursor stands at the same time in both. */
export function RateCharts({ batch }: { batch: Pick<BatchDetail, 'status' | 'startedAt' | 'history'> }) {
  const [at, setAt] = useState<number>()
  const rates = listRates(batch)
  if (rates.at.length === 0)
    return <p className="px-3 py-6 text-center text-muted sm:px-4">No rate yet: nothing has come back.</p>
  const shared = { times: rates.at, at, onAt: setAt }
  return (
    <div className="grid gap-x-6 gap-y-4 px-3 py-3 sm:px-4 md:grid-cols-2">
      <RateChart name="Requests/s" values={rates.requests} colour="var(--series-1)" {...shared} />
      <RateChart name="Tokens/s" values={rates.tokens} colour="var(--series-3)" {...shared} />
    </div>
  )
}

type ChartProps = {
  name: string
  values: readonly number[]
  times: readonly number[]
  colour: string
  /** The place that is looked at. */
  at: number | undefined
  onAt: (at: number | undefined) => void
}

function RateChart({ name, values, times, colour, at, onAt }: ChartProps) {
  // From nothing on: a rate says little without its ground. Where all are 0, it lies below as well.
  const frame = framePlot(times, [0, ...values, ...(values.some((value) => value > 0) ? [] : [1])])
  const place = at === undefined ? undefined : Math.min(at, values.length - 1)
  const last = values.at(-1) ?? null
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (event.key === 'Escape') onAt(undefined)
    if (by === 0) return
    event.preventDefault()
    onAt(Math.max(0, Math.min(values.length - 1, (place ?? values.length - 1) + by)))
  }
  return (
    <figure className="m-0 min-w-0">
      <figcaption className="flex items-baseline justify-between gap-3 pb-1">
        <span className="text-12 text-muted">{name}</span>
        <span className="truncate text-12" aria-live="polite">
          {place === undefined ? (
            <span className="text-14 font-medium">{formatSpeed(last)}</span>
          ) : (
            <>
              <span className="text-muted">{formatExactTime(times[place] ?? 0)}</span>{' '}
              <span className="font-medium">{formatSpeed(values[place] ?? null)}</span>
            </>
          )}
        </span>
      </figcaption>
      <div
        tabIndex={0}
        role="img"
        aria-label={`${name} over time, ${formatSpeed(last)} at the end, ${formatSpeed(Math.max(...values))} at most. Arrow keys walk along.`}
        onKeyDown={onKeyDown}
        onBlur={() => onAt(undefined)}
        onPointerMove={({ clientX, currentTarget }) =>
          onAt(findNearest(frame, times, clientX, currentTarget.getBoundingClientRect()))
        }
        onPointerLeave={() => onAt(undefined)}
        className="flex h-36 gap-2 rounded-sm"
      >
        <Curve frame={frame} times={times} values={values} colour={colour} place={place} />
      </div>
      <div className="flex justify-between pt-1 pl-12 text-12 text-faint" aria-hidden>
        <span>{formatClockTime(times[0] ?? 0)}</span>
        <span>{formatClockTime(times.at(-1) ?? 0)}</span>
      </div>
    </figure>
  )
}

type CurveProps = Pick<ChartProps, 'times' | 'values' | 'colour'> & { frame: PlotFrame; place: number | undefined }

function Curve({ frame, times, values, colour, place }: CurveProps) {
  const ticks = listTicks(frame)
  return (
    <>
      <div className="relative w-10 shrink-0 text-[11px] text-faint" aria-hidden>
        {ticks.map((tick) => (
          <span key={tick} className="absolute right-0 -translate-y-1/2" style={{ top: `${placeY(frame, tick)}%` }}>
            {formatValue(tick)}
          </span>
        ))}
      </div>
      <svg
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        className="h-full min-w-0 flex-1 overflow-visible"
        aria-hidden
      >
        <g stroke="var(--line)" strokeWidth="1">
          {ticks.map((tick) => (
            <path key={tick} d={`M0 ${placeY(frame, tick)}H100`} vectorEffect="non-scaling-stroke" />
          ))}
        </g>
        {place === undefined ? null : (
          <path
            d={`M${placeX(frame, times[place] ?? 0)} 0V100`}
            stroke="var(--line-strong)"
            vectorEffect="non-scaling-stroke"
          />
        )}
        <path
          d={values.length === 1 ? `M0 ${placeY(frame, values[0] ?? 0)}H100` : tracePath(frame, times, values)}
          fill="none"
          stroke={colour}
          strokeWidth="1.5"
          strokeLinejoin="round"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
    </>
  )
}

/** Width of the ticks with their gap, px. */
const ticksWidth = 48

function findNearest(frame: PlotFrame, times: readonly number[], clientX: number, box: DOMRect): number {
  const share = ((clientX - box.left - ticksWidth) / Math.max(1, box.width - ticksWidth)) * 100
  let nearest = 0
  times.forEach((time, at) => {
    const closer = Math.abs(placeX(frame, time) - share) < Math.abs(placeX(frame, times[nearest] ?? 0) - share)
    if (closer) nearest = at
  })
  return nearest
}
