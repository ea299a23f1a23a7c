import { drawSpark, sparkHeight, sparkWidth } from './draw-spark.ts'

/** A curve without axes: at most 64 values over the whole run; null is a gap. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const { line, area } = drawSpark(values)
  return (
    <svg
      viewBox={`0 0 ${sparkWidth} ${sparkHeight}`}
      preserveAspectRatio="none"
      aria-hidden
      className="h-10 w-full overflow-visible text-(--series-1)"
    >
      <path d={area} fill="currentColor" opacity="0.09" />
      <path
        d={line}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.25"
        vectorEffect="non-scaling-stroke"
        strokeLinejoin="round"
      />
    </svg>
  )
}
