import { useEffect, useMemo, useRef, useState } from 'react'
import type { HistogramBody, Sample, SampleKey } from '@pilothouse/contract'
import { formatCount, formatValue } from '@pilothouse/signals'
import { readChoice } from '../app/search-params.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { useStored } from '../ui/use-stored.ts'
import { formatStep } from './format-step.ts'
import { describeHistogram, heatLegend, heatStrength, type HistogramAt } from './histogram-math.ts'
import { columnX, paintHistory, placeOf, type History, type HistoryLook } from './paint-histogram.ts'
import { chooseHistoryStart } from './sample-steps.ts'
import { useCanvas } from './use-canvas.ts'
import { useSampleHistory } from './use-samples.ts'

type HistoryProps = { uid: string; entry: SampleKey; step: number; onStep: (step: number) => void }

/** A histogram through all steps: how the values wander and widen. A click goes to that step. */
export function SampleHistory({ uid, entry, step, onStep }: HistoryProps) {
  const [look, setLook] = useStored<HistoryLook>(
    'samples.history',
    (text) => readChoice(text, ['heat', 'ridges']) ?? 'heat',
  )
  const from = chooseHistoryStart(entry) ?? 0
  const answer = useSampleHistory(uid, entry.key, from)
  const columns = useMemo(() => listColumns(answer.data?.samples ?? []), [answer.data])
  if (entry.steps.length < 2) return null
  if (answer.error) return <ErrorNotice error={answer.error} onRetry={() => void answer.refetch()} />
  return (
    <section
      aria-label="Through all steps"
      className="min-w-0 rounded-lg border border-line bg-surface"
      data-history={columns.length}
    >
      <div className="flex h-9 items-center gap-1 pr-1.5 pl-3">
        <h3 className="mr-auto truncate text-12 text-muted">{describeSpan(entry, columns)}</h3>
        <Button look="quiet" aria-pressed={look === 'heat'} onClick={() => setLook('heat')}>
          Heat map
        </Button>
        <Button look="quiet" aria-pressed={look === 'ridges'} onClick={() => setLook('ridges')}>
          Ridges
        </Button>
      </div>
      {look === 'heat' ? <HeatLegend /> : null}
      <Picture columns={columns} step={step} look={look} onStep={onStep} />
    </section>
  )
}

/** What the colours mean: each step is ten times as many values. */
function HeatLegend() {
  return (
    <div className="flex items-center justify-end gap-1.5 px-3 pb-1 text-12 text-faint">
      <span>0.01 %</span>
      <span className="flex rounded-sm border border-line" aria-hidden>
        {heatLegend.map((ratio) => (
          <span key={ratio} className="h-2.5 w-5 bg-(--series-1)" style={{ opacity: heatStrength(ratio, 1) }} />
        ))}
      </span>
      <span>the fullest cell, log scale</span>
    </div>
  )
}

function describeSpan(entry: SampleKey, columns: readonly HistogramAt[]): string {
  const { stepsTotal } = entry
  const isWhole = columns.length >= stepsTotal || columns.length === 0
  const span = isWhole
    ? `All ${formatCount(stepsTotal)} steps`
    : `The last ${formatCount(columns.length)} of ${formatCount(stepsTotal)} steps`
  return `${span}, the middle 99 % of the values`
}

/** The first histogram of each step; one whose body was too large for the list is left out. */
function listColumns(samples: readonly Sample[]): HistogramAt[] {
  return samples.flatMap(({ kind, index, step, body }) =>
    kind === 'histogram' && index === 0 && body !== null
      ? [{ step, body: body as HistogramBody }] // the kind says which body it is
      : [],
  )
}

function Picture({ columns, step, look, onStep }: History & { onStep: (step: number) => void }) {
  const latest = useRef<History>({ columns, step, look })
  const [hint, setHint] = useState<string>()
  const { canvas, redraw } = useCanvas((context, size) => paintHistory(context, size, latest.current))
  useEffect(() => {
    latest.current = { columns, step, look }
    redraw()
  }, [columns, step, look, redraw])
  const columnAt = (clientX: number): HistogramAt | undefined => {
    const box = canvas.current?.getBoundingClientRect()
    if (!box || look !== 'heat') return undefined
    const spread = columns.map((_, at) => Math.abs(columnX(at, columns.length, box.width) - (clientX - box.left)))
    return columns[spread.indexOf(Math.min(...spread))]
  }
  const current = columns[placeOf(columns, step)]
  return (
    <div className="relative mx-1 mb-1 h-56">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Histograms of ${columns.length} steps${current ? `; ${describeColumn(current)}` : ''}`}
        className={`absolute inset-0 h-full w-full ${look === 'heat' ? 'cursor-pointer' : ''}`}
        onPointerMove={(event) => {
          const column = columnAt(event.clientX)
          setHint(column && describeColumn(column))
        }}
        onPointerLeave={() => setHint(undefined)}
        onClick={(event) => {
          const column = columnAt(event.clientX)
          if (column) onStep(column.step)
        }}
      />
      {hint === undefined ? null : (
        <p className="pointer-events-none absolute top-2 right-3 rounded-md border border-line bg-surface px-2 py-0.5 text-12">
          {hint}
        </p>
      )}
    </div>
  )
}

function describeColumn({ step, body }: HistogramAt): string {
  const { median, low, high } = describeHistogram(body)
  const words =
    median === null || low === null || high === null
      ? 'no finite value'
      : `median ${formatValue(median)}, 10 to 90 %: ${formatValue(low)} to ${formatValue(high)}`
  return `step ${formatStep(step)}: ${words}`
}
