import { memo, useEffect, useRef, useState } from 'react'
import type { KeyGroup } from '@pilothouse/signals'
import { MetricChart, type MetricChartProps } from './metric-chart.tsx'

/** Charts up to this many stay mounted; of more, only those near what is in sight. */
const mountedMax = 40

type GridProps = Omit<MetricChartProps, 'group'> & { groups: readonly KeyGroup[] }

/** A chart for each group. A job with thousands of metrics opens as quickly as one with ten. */
export const ChartGrid = memo(function ChartGrid({ groups, ...rest }: GridProps) {
  const Cell = groups.length > mountedMax ? DistantChart : MetricChart
  return (
    <div className="grid gap-3 md:grid-cols-2 min-[1700px]:grid-cols-3">
      {groups.map((group) => (
        <Cell key={group.title} group={group} {...rest} />
      ))}
    </div>
  )
})

/** A chart while it is near; else a frame of its size, so that nothing jumps. */
const DistantChart = memo(function DistantChart(props: MetricChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const [isNear, setNear] = useState(false)
  const isShown = isNear || props.view.of(props.group.title).isFull
  useEffect(() => (place.current ? watchNearness(place.current, setNear) : undefined), [])
  return (
    <div
      ref={place}
      className={`min-w-0 ${(props.jobs ?? 1) > 1 ? 'h-[302px]' : 'h-[278px]'} ${isShown ? '' : 'rounded-lg border border-line bg-surface'}`}
    >
      {isShown ? (
        <MetricChart {...props} />
      ) : (
        <span className="block truncate p-2 px-3 text-faint">{props.group.title}</span>
      )}
    </div>
  )
})

const listeners = new WeakMap<Element, (isNear: boolean) => void>()
let observer: IntersectionObserver | undefined

/** One observer for all: thousands of them would take as long as the charts. Returns the undo. */
function watchNearness(element: Element, onChange: (isNear: boolean) => void): () => void {
  const shared = (observer ??= new IntersectionObserver(
    (entries) => entries.forEach(({ target, isIntersecting }) => listeners.get(target)?.(isIntersecting)),
    { rootMargin: '800px' },
  ))
  listeners.set(element, onChange)
  shared.observe(element)
  return () => {
    listeners.delete(element)
    shared.unobserve(element)
  }
}
