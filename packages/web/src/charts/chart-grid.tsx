import { memo, useEffect, useMemo, useRef, useState } from 'react'
import { ChevronDown } from 'lucide-react'
import { listSections, pinnedSection } from './chart-sections.ts'
import type { KeyGroup } from '@pilothouse/signals'
import { isCrowded, MetricChart, type MetricChartProps } from './metric-chart.tsx'

/** Charts up to this many stay mounted; of more, only those near what is in sight. */
const mountedMax = 40

type GridProps = Omit<MetricChartProps, 'group'> & { groups: readonly KeyGroup[] }

/**
 * A chart for each group, in sections. A job with thousands of metrics opens as quickly as one with ten. All stand in one
 * grid, so that a chart that is pinned moves and is not made anew.
 */
export const ChartGrid = memo(function ChartGrid({ groups, ...rest }: GridProps) {
  const { view } = rest
  const sections = useMemo(() => listSections(groups, view.pinned), [groups, view.pinned])
  const Cell = groups.length > mountedMax ? DistantChart : MetricChart
  return (
    <div className="grid gap-3 md:grid-cols-2 min-[1700px]:grid-cols-3">
      {sections.flatMap(({ name, groups: own }) => {
        const isFolded = name !== undefined && view.folded.includes(name)
        // Below a section with a name of its own, what has none is set off by a line.
        const isFirst = sections[0]?.name === name
        return [
          name === undefined && isFirst ? null : (
            <SectionHead
              key={`section ${name ?? ''}`}
              name={name}
              count={own.length}
              isFolded={isFolded}
              onFold={(on) => name !== undefined && view.onFold(name, on)}
            />
          ),
          ...own
            .filter(({ title }) => !isFolded || view.of(title).isFull)
            .map((group) => <Cell key={group.title} group={group} {...rest} />),
        ]
      })}
    </div>
  )
})

type HeadProps = { name: string | undefined; count: number; isFolded: boolean; onFold: (on: boolean) => void }

function SectionHead({ name, count, isFolded, onFold }: HeadProps) {
  if (name === undefined) return <div aria-hidden className="col-span-full my-1 h-px bg-line" />
  return (
    <h2 className="col-span-full -mb-1">
      <button
        type="button"
        aria-expanded={!isFolded}
        className="touchable flex h-7 items-center gap-1.5 rounded-md pr-2 text-13 font-medium hover:bg-hover"
        onClick={() => onFold(!isFolded)}
      >
        <ChevronDown
          size={14}
          className={`text-faint transition-transform ${isFolded ? '-rotate-90' : ''}`}
          aria-hidden
        />
        {name === pinnedSection ? 'Pinned' : name}
        <span className="font-normal text-faint">{count}</span>
      </button>
    </h2>
  )
}

/** A chart while it is near; else a frame of its size, so that nothing jumps. */
const DistantChart = memo(function DistantChart(props: MetricChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const [isNear, setNear] = useState(false)
  const isShown = isNear || props.view.of(props.group.title).isFull
  useEffect(() => (place.current ? watchNearness(place.current, setNear) : undefined), [])
  return (
    <div
      ref={place}
      className={`min-w-0 ${isCrowded(props) ? 'h-[302px]' : 'h-[278px]'} ${isShown ? '' : 'rounded-lg border border-line bg-surface'}`}
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
