import { formatCount, formatValue } from '@pilothouse/signals'
import { framePlot, listTicks, placeX, placeY, traceBand, tracePath } from './plot-frame.ts'

export type PlotLine = {
  name: string
  xs: readonly number[]
  ys: readonly number[]
  look: 'solid' | 'dashed' | 'muted'
}

type PlotProps = {
  /** What it shows, in words: all that somebody has who does not see it. */
  label: string
  lines: readonly PlotLine[]
  /** Limits around one of the lines. */
  band?: { name: string; xs: readonly number[]; lower: readonly number[]; upper: readonly number[] } | undefined
  /** Lines from top to bottom. */
  marks?: readonly { x: number; name: string }[]
  log?: boolean
  className?: string
}

const strokes: Record<PlotLine['look'], string> = {
  solid: 'var(--series-1)',
  dashed: 'var(--muted)',
  muted: 'var(--line-strong)',
}

/**
 * A few curves of some hundred points at most over steps, drawn once for each change of them. Charts of metrics are
 * `TimeChart`s: they follow what comes in.
 */
export function LinePlot({ label, lines, band, marks = [], log = false, className = 'h-48' }: PlotProps) {
  const xs = [...lines.flatMap((line) => line.xs), ...(band?.xs ?? []), ...marks.map(({ x }) => x)]
  const ys = [...lines.flatMap((line) => line.ys), ...(band?.lower ?? []), ...(band?.upper ?? [])]
  const frame = framePlot(xs, ys, log)
  const ticks = listTicks(frame)
  return (
    <figure className="flex min-w-0 flex-col gap-1">
      <div role="img" aria-label={label} className="flex min-w-0 gap-2 pt-2 pr-1">
        <div aria-hidden className={`relative w-14 shrink-0 text-[11px] text-faint ${className}`}>
          {ticks.map((tick) => (
            <span key={tick} className="absolute right-0 -translate-y-1/2" style={{ top: `${placeY(frame, tick)}%` }}>
              {formatValue(tick)}
            </span>
          ))}
        </div>
        <div aria-hidden className={`min-w-0 flex-1 ${className}`}>
          <svg viewBox="0 0 100 100" preserveAspectRatio="none" className="size-full overflow-visible">
            <g stroke="var(--line)" strokeWidth="1">
              {ticks.map((tick) => (
                <path key={tick} d={`M0 ${placeY(frame, tick)}H100`} vectorEffect="non-scaling-stroke" />
              ))}
            </g>
            {band ? <path d={traceBand(frame, band)} fill="var(--muted)" fillOpacity="0.16" /> : null}
            {marks.map(({ x, name }) => (
              <path
                key={name}
                d={`M${placeX(frame, x)} 0V100`}
                stroke="var(--accent)"
                strokeWidth="1"
                strokeDasharray="4 3"
                vectorEffect="non-scaling-stroke"
              />
            ))}
            {lines.map(({ name, look, xs: along, ys: values }) => (
              <path
                key={name}
                data-line={name}
                d={tracePath(frame, along, values)}
                fill="none"
                stroke={strokes[look]}
                strokeWidth="1.5"
                strokeDasharray={look === 'dashed' ? '5 3' : undefined}
                strokeLinejoin="round"
                vectorEffect="non-scaling-stroke"
              />
            ))}
          </svg>
        </div>
      </div>
      <figcaption className="flex flex-col gap-1 text-12 text-muted">
        <span className="flex justify-between pr-1 pl-16 text-[11px] text-faint" aria-hidden>
          <span>{formatCount(frame.xMin)}</span>
          <span>step</span>
          <span>{formatCount(frame.xMax)}</span>
        </span>
        <span className="flex flex-wrap gap-x-4 gap-y-0.5 pl-16" aria-hidden>
          {lines.map(({ name, look }) => (
            <Key key={name} name={name}>
              <path d="M0 5H16" stroke={strokes[look]} strokeWidth="2" strokeDasharray={dashOf(look)} />
            </Key>
          ))}
          {band ? (
            <Key name={band.name}>
              <rect width="16" height="10" fill="var(--muted)" fillOpacity="0.25" />
            </Key>
          ) : null}
          {marks.map(({ name }) => (
            <Key key={name} name={name}>
              <path d="M8 0V10" stroke="var(--accent)" strokeWidth="1.5" strokeDasharray="4 2" />
            </Key>
          ))}
        </span>
      </figcaption>
    </figure>
  )
}

function dashOf(look: PlotLine['look']): string | undefined {
  return look === 'dashed' ? '4 2' : undefined
}

function Key({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <span className="flex items-center gap-1.5">
      <svg viewBox="0 0 16 10" className="h-2.5 w-4 shrink-0">
        {children}
      </svg>
      {name}
    </span>
  )
}
