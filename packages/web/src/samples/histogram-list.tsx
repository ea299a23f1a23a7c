import { useEffect, useRef } from 'react'
import type { HistogramBody, Sample } from '@pilothouse/contract'
import { formatCount, formatValue } from '@pilothouse/signals'
import { describeHistogram } from './histogram-math.ts'
import { paintHistogram } from './paint-histogram.ts'
import { useCanvas } from './use-canvas.ts'
import { useSampleBody } from './use-samples.ts'

type HistogramSample = Sample & { kind: 'histogram' }

export function HistogramList({ uid, histograms }: { uid: string; histograms: readonly HistogramSample[] }) {
  return histograms.map((one) => <HistogramItem key={`${one.key}/${one.index}`} uid={uid} histogram={one} />)
}

function HistogramItem({ uid, histogram }: { uid: string; histogram: HistogramSample }) {
  const { body, error } = useSampleBody(uid, histogram)
  if (error)
    return (
      <p role="alert" className="text-bad">
        This histogram could not be read: {error.message}
      </p>
    )
  if (!body) return <div className="waits h-48 rounded-lg bg-hover" aria-busy="true" />
  return <HistogramView body={body} caption={histogram.caption} />
}

/** One histogram: its bars, and what they say in words. */
function HistogramView({ body, caption }: { body: HistogramBody; caption: string | null }) {
  const { total, median, low, high } = describeHistogram(body)
  const words =
    median === null || low === null || high === null
      ? 'no finite value'
      : `median ${formatValue(median)}, eight of ten between ${formatValue(low)} and ${formatValue(high)}`
  const nonFinite = body.nonFinite ? `, ${formatCount(body.nonFinite)} NaN or infinite` : ''
  return (
    <section aria-label={caption ?? 'Histogram'} className="min-w-0 rounded-lg border border-line bg-surface">
      <div className="flex min-h-9 flex-wrap items-center gap-x-3 px-3 py-1">
        {caption === null ? null : <h4 className="truncate font-medium">{caption}</h4>}
        <span className="text-12 text-muted">
          {formatCount(total)} values{nonFinite} · {words}
        </span>
      </div>
      <Bars body={body} label={`Histogram of ${formatCount(total)} values: ${words}`} />
    </section>
  )
}

function Bars({ body, label }: { body: HistogramBody; label: string }) {
  const latest = useRef(body)
  const { canvas, redraw } = useCanvas((context, size) => paintHistogram(context, size, latest.current))
  useEffect(() => {
    latest.current = body
    redraw()
  }, [body, redraw])
  return (
    <div className="relative mx-2 mb-1 h-44">
      <canvas ref={canvas} role="img" aria-label={label} className="absolute inset-0 h-full w-full" />
    </div>
  )
}
