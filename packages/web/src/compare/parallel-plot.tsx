import { useState } from 'react'
import type { ComparedJob, ConfigValue } from '@pilothouse/contract'
import { styleOfPlace } from '@pilothouse/signals'
import { JobSwatch } from './job-heads.tsx'
import { makeScale } from './plot-scale.ts'

export type PlotAxis = { name: string; values: readonly (ConfigValue | undefined)[] }

const size = { width: 1_000, height: 280, top: 34, bottom: 14, side: 70 }

type PlotProps = { jobs: readonly ComparedJob[]; axes: readonly PlotAxis[] }

/** Parallel coordinates: a line for each job through its settings to its result. The table beside says the same in words. */
export function ParallelPlot({ jobs, axes }: PlotProps) {
  const [sought, setSought] = useState<string | null>(null)
  const scales = axes.map(({ values }) => makeScale(values))
  const xOf = (at: number): number =>
    size.side + (axes.length > 1 ? at / (axes.length - 1) : 0.5) * (size.width - 2 * size.side)
  const yOf = (share: number): number => size.height - size.bottom - share * (size.height - size.top - size.bottom)
  const lineOf = (job: number): string =>
    axes
      .flatMap(({ values }, at) => {
        const share = scales[at]?.place(values[job])
        return share === undefined ? [] : [`${xOf(at).toFixed(1)},${yOf(share).toFixed(1)}`]
      })
      .join(' ')
  return (
    <section aria-label="Parallel coordinates" className="rounded-lg border border-line bg-surface p-3">
      <h2 className="font-medium">Settings and result of each job</h2>
      <div tabIndex={0} role="region" aria-label="Parallel coordinates, picture" className="overflow-x-auto">
        <svg
          viewBox={`0 0 ${size.width} ${size.height}`}
          role="img"
          aria-label={`One line for each of ${jobs.length} jobs through ${axes.map(({ name }) => name).join(', ')}`}
          className="w-full min-w-[860px]"
        >
          {axes.map(({ name }, at) => (
            <g key={name} transform={`translate(${xOf(at)} 0)`}>
              <line y1={size.top} y2={size.height - size.bottom} stroke="var(--line-strong)" />
              <text y={14} textAnchor="middle" fontSize={12} fontWeight={500} fill="var(--text)">
                {shorten(name)}
                {scales[at]?.isLog ? ' (log)' : ''}
              </text>
            </g>
          ))}
          {jobs.map(({ uid, name }, at) => {
            const { hue, dash } = styleOfPlace(at, 'train')
            const isFaint = sought !== null && sought !== uid
            return (
              <polyline
                key={uid}
                points={lineOf(at)}
                fill="none"
                stroke={`var(--series-${hue + 1})`}
                strokeWidth={sought === uid ? 3 : 1.5}
                strokeDasharray={dash.join(' ')}
                opacity={isFaint ? 0.15 : 0.9}
                onPointerEnter={() => setSought(uid)}
                onPointerLeave={() => setSought(null)}
              >
                <title>{name}</title>
              </polyline>
            )
          })}
          {axes.map(({ name }, at) =>
            scales[at]?.ticks.map((tick) => (
              <text
                key={`${name} ${tick.text}`}
                x={xOf(at) - 6}
                y={yOf(tick.at) + 4}
                textAnchor="end"
                fontSize={11}
                fill="var(--muted)"
                stroke="var(--surface)"
                strokeWidth={4}
                paintOrder="stroke"
              >
                {shorten(tick.text)}
              </text>
            )),
          )}
        </svg>
      </div>
      <ul aria-label="Jobs in the picture" className="flex flex-wrap gap-x-3 gap-y-1 pt-1 text-12">
        {jobs.map(({ uid, name }, at) => (
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
        ))}
      </ul>
    </section>
  )
}

function shorten(text: string): string {
  return text.length > 18 ? `…${text.slice(-17)}` : text
}
