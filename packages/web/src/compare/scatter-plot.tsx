import type { ComparedJob } from '@pilothouse/contract'
import { formatValue, styleOfPlace } from '@pilothouse/signals'
import type { PlotAxis } from './parallel-layout.ts'
import { makeScale } from './plot-scale.ts'

const size = { width: 480, height: 300, left: 64, right: 20, top: 14, bottom: 44 }

type ScatterProps = {
  jobs: readonly ComparedJob[]
  x: PlotAxis
  y: { name: string; values: readonly (number | null)[] }
}

/** The result of each job over one setting. */
export function ScatterPlot({ jobs, x, y }: ScatterProps) {
  const across = makeScale(x.values)
  const up = makeScale(y.values.map((value) => value ?? undefined))
  const xOf = (share: number): number => size.left + share * (size.width - size.left - size.right)
  const yOf = (share: number): number => size.height - size.bottom - share * (size.height - size.top - size.bottom)
  const points = jobs.flatMap(({ uid, name }, at) => {
    const [left, height] = [across.place(x.values[at]), up.place(y.values[at] ?? undefined)]
    return left === undefined || height === undefined ? [] : [{ uid, name, at, left: xOf(left), top: yOf(height) }]
  })
  return (
    <section aria-label={`${y.name} over ${x.name}`} className="rounded-lg border border-line bg-surface p-3">
      <h2 className="font-medium">
        {y.name} over {x.name}
      </h2>
      <svg
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="img"
        aria-label={`${y.name} of ${points.length} jobs over ${x.name}`}
        className="w-full"
      >
        {up.ticks.map(({ at, text }) => (
          <g key={text}>
            <line x1={size.left} x2={size.width - size.right} y1={yOf(at)} y2={yOf(at)} stroke="var(--line)" />
            <text x={size.left - 6} y={yOf(at) + 4} textAnchor="end" fontSize={11} fill="var(--muted)">
              {text}
            </text>
          </g>
        ))}
        {across.ticks.map(({ at, text }) => (
          <text key={text} x={xOf(at)} y={size.height - 24} textAnchor="middle" fontSize={11} fill="var(--muted)">
            {text}
          </text>
        ))}
        <text x={xOf(0.5)} y={size.height - 6} textAnchor="middle" fontSize={11} fill="var(--muted)">
          {x.name}
          {across.isLog ? ', logarithmic' : ''}
        </text>
        {points.map(({ uid, name, at, left, top }) => (
          <circle key={uid} cx={left} cy={top} r={5} fill={`var(--series-${styleOfPlace(at, 'train').hue + 1})`}>
            <title>{`${name}: ${x.name} ${String(x.values[at])}, ${y.name} ${formatValue(y.values[at] ?? Number.NaN)}`}</title>
          </circle>
        ))}
      </svg>
    </section>
  )
}
