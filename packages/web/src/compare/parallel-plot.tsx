import { useState } from 'react'
import type { ComparedJob } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'
import { styleOfPlace } from '@pilothouse/signals'
import { Button } from '../ui/button.tsx'
import type { CompareSearch } from './compare-search.ts'
import { JobSwatch } from './job-heads.tsx'
import { isInside, orderAxes, readBrushes, writeBrush, type Brush } from './parallel-axes.ts'
import { AxisBrush } from './axis-brush.tsx'
import { AxisHeads } from './axis-heads.tsx'
import {
  describeBrush,
  heightOf,
  placeAxis,
  plotSize,
  shorten,
  type PlotAxis,
  type StandingAxis,
} from './parallel-layout.ts'
import { makeScale } from './plot-scale.ts'

type ParallelSearch = Pick<CompareSearch, 'axis' | 'flip' | 'brush'>
type PlotProps = {
  jobs: readonly ComparedJob[]
  axes: readonly PlotAxis[]
  search: ParallelSearch
  change: (next: Partial<CompareSearch>) => void
}

/** Parallel coordinates: a line for each job through its settings to its result. The table beside says the same in words. */
export function ParallelPlot({ jobs, axes, search, change }: PlotProps) {
  const [sought, setSought] = useState<string | null>(null)
  const [moving, setMoving] = useState<readonly string[] | null>(null)
  const [draft, setDraft] = useState<{ name: string; brush: Brush | null } | null>(null)
  const flipped = search.flip ?? []
  const texts = draft ? writeBrush(search.brush, draft.name, draft.brush) : search.brush
  const brushes = readBrushes(texts)
  const standing = orderAxes(axes, moving ?? search.axis).map((axis, at): StandingAxis => ({
    ...axis,
    scale: makeScale(axis.values),
    isFlipped: flipped.includes(axis.name),
    x: placeAxis(at, axes.length),
  }))
  const active = new Map([...brushes].filter(([name]) => axes.some((axis) => axis.name === name)))
  const inside = jobs.map((_, job) =>
    isInside(
      standing.map(({ name, scale, values }) => ({ name, scale, value: values[job] })),
      active,
    ),
  )
  const setBrush = (name: string, brush: Brush | null): void => change({ brush: writeBrush(search.brush, name, brush) })
  return (
    <section aria-label="Parallel coordinates" className="rounded-lg border border-line bg-surface p-3">
      <h2 className="font-medium">Settings and result of each job</h2>
      <p className="pb-1 text-12 text-muted">
        Drag along an axis for a range, double click takes it away; drag a name to move its axis. Keys: arrows, Shift
        with arrows, Delete.
      </p>
      <div tabIndex={0} role="region" aria-label="Parallel coordinates, picture" className="overflow-x-auto">
        <div className="min-w-[860px]">
          <AxisHeads
            axes={standing}
            onMoving={setMoving}
            onOrder={(axis) => {
              setMoving(null)
              change({ axis })
            }}
            onFlip={(name) =>
              change({ flip: flipped.includes(name) ? flipped.filter((one) => one !== name) : [...flipped, name] })
            }
          />
          <svg viewBox={`0 0 ${plotSize.width} ${plotSize.height}`} className="w-full">
            <g
              role="img"
              aria-label={`One line for each of ${jobs.length} jobs through ${standing.map(({ name }) => name).join(', ')}`}
            >
              {jobs.map((job, at) => (
                <JobLine
                  key={job.uid}
                  job={job}
                  at={at}
                  axes={standing}
                  look={!inside[at] ? 'outside' : sought === null ? 'plain' : sought === job.uid ? 'sought' : 'faint'}
                  onSeek={setSought}
                />
              ))}
              <AxisTicks axes={standing} />
            </g>
            {standing.map((axis) => (
              <AxisBrush
                key={axis.name}
                axis={axis}
                brush={brushes.get(axis.name)}
                onDraft={(brush) => setDraft(brush === undefined ? null : { name: axis.name, brush })}
                onBrush={(brush) => {
                  setDraft(null)
                  setBrush(axis.name, brush)
                }}
              />
            ))}
          </svg>
        </div>
      </div>
      <Ranges axes={standing} brushes={active} jobs={jobs} inside={inside} change={change} />
      <ul aria-label="Jobs in the picture" className="flex flex-wrap gap-x-3 gap-y-1 pt-1 text-12">
        {jobs.map(({ uid, name }, at) =>
          inside[at] ? (
            <li key={uid}>
              <button
                type="button"
                aria-pressed={sought === uid}
                onClick={() => setSought(sought === uid ? null : uid)}
                className="touchable flex min-h-7 items-center gap-1.5 rounded-sm px-1 hover:bg-hover aria-pressed:bg-accent-soft"
              >
                <JobSwatch place={at} />
                <span className="max-w-48 truncate">{name}</span>
              </button>
            </li>
          ) : null,
        )}
      </ul>
    </section>
  )
}

type LineProps = {
  job: ComparedJob
  at: number
  axes: readonly StandingAxis[]
  look: 'plain' | 'sought' | 'faint' | 'outside'
  onSeek: (uid: string | null) => void
}

const opacities = { plain: 0.9, sought: 0.9, faint: 0.15, outside: 0.07 } as const

function JobLine({ job: { uid, name }, at, axes, look, onSeek }: LineProps) {
  const { hue, dash } = styleOfPlace(at, 'train')
  const points = axes.flatMap((axis) => {
    const place = axis.scale.place(axis.values[at])
    return place === undefined ? [] : [`${axis.x.toFixed(1)},${heightOf(axis, place).toFixed(1)}`]
  })
  return (
    <polyline
      points={points.join(' ')}
      fill="none"
      stroke={`var(--series-${hue + 1})`}
      strokeWidth={look === 'sought' ? 3 : 1.5}
      strokeDasharray={dash.join(' ')}
      opacity={opacities[look]}
      data-look={look}
      onPointerEnter={look === 'outside' ? undefined : () => onSeek(uid)}
      onPointerLeave={() => onSeek(null)}
    >
      <title>{name}</title>
    </polyline>
  )
}

function AxisTicks({ axes }: { axes: readonly StandingAxis[] }) {
  return axes.map((axis) => (
    <g key={axis.name}>
      <line
        x1={axis.x}
        x2={axis.x}
        y1={plotSize.top}
        y2={plotSize.height - plotSize.bottom}
        stroke="var(--line-strong)"
      />
      {axis.scale.ticks.map((tick) => (
        <text
          key={tick.text}
          x={axis.x - 6}
          y={heightOf(axis, tick.at) + 4}
          textAnchor="end"
          fontSize={11}
          fill="var(--muted)"
          stroke="var(--surface)"
          strokeWidth={4}
          paintOrder="stroke"
        >
          {shorten(tick.text)}
        </text>
      ))}
    </g>
  ))
}

type RangesProps = {
  axes: readonly StandingAxis[]
  brushes: ReadonlyMap<string, Brush>
  jobs: readonly ComparedJob[]
  inside: readonly boolean[]
  change: PlotProps['change']
}

/** What the ranges say, how many jobs are in them, and what can be done with those. */
function Ranges({ axes, brushes, jobs, inside, change }: RangesProps) {
  const chosen = jobs.filter((_, at) => inside[at])
  const words = axes.flatMap((axis) => {
    const brush = brushes.get(axis.name)
    return brush ? [`${axis.name} ${describeBrush(axis, brush)}`] : []
  })
  return (
    <div className="flex min-h-7 flex-wrap items-center gap-2 pt-1 text-12">
      <span role="status" className="text-muted">
        {words.length === 0 ? '' : `${chosen.length} of ${jobs.length} jobs: ${words.join(', ')}`}
      </span>
      {words.length === 0 ? null : (
        <>
          <Button onClick={() => change({ brush: [] })}>Clear ranges</Button>
          <Button
            disabled={chosen.length < limits.compareJobsMin || chosen.length === jobs.length}
            onClick={() => change({ job: chosen.map(({ uid }) => uid), brush: [] })}
          >
            Compare only these
          </Button>
        </>
      )}
    </div>
  )
}
