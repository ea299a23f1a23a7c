import { useId, type KeyboardEvent } from 'react'
import { type Bar, barHeight, stackBars } from './stack-bars.ts'

export type BarPart = { at: number; words: string; bars: readonly Bar[] }

const fills: Record<Bar['tone'], string> = {
  good: 'fill-(--good)',
  bad: 'fill-(--bad)',
  grey: 'fill-(--line-strong)',
  accent: 'fill-(--accent)',
}
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
/** Width of one part in the picture; it is stretched to the room there is. */
const step = 10
const gap = 2

type ChartProps = {
  name: string
  total: string
  parts: readonly BarPart[]
  /** What a part is. */
  each?: 'day' | 'span'
  /** Start of the part that is looked at, the same in charts beside each other. */
  at: number | undefined
  onAt: (at: number | undefined) => void
}

/** Bars one beside the other, each of some pieces above each other. Pointer and arrow keys say what one stands for. */
export function BarChart({ name, total, parts, each = 'day', at, onAt }: ChartProps) {
  const tableId = useId()
  const index = parts.findIndex((part) => part.at === at)
  const looked = parts[index]
  const most = Math.max(...parts.map(({ bars }) => bars.reduce((sum, { value }) => sum + value, 0)), 0)
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (event.key === 'Escape') onAt(undefined)
    if (by === 0 || parts.length === 0) return
    event.preventDefault()
    const next = index === -1 ? parts.length - 1 : Math.max(0, Math.min(parts.length - 1, index + by))
    onAt(parts[next]?.at)
  }
  const lookAt = (clientX: number, box: DOMRect): void =>
    onAt(parts[Math.floor(((clientX - box.left) / box.width) * parts.length)]?.at)
  return (
    <figure className="m-0 flex min-w-0 flex-col bg-surface px-3 pt-2.5 pb-2 sm:px-4">
      <figcaption className="flex h-6 items-baseline justify-between gap-2 whitespace-nowrap">
        <span className="text-12 text-muted">{name}</span>
        <span className={looked ? 'truncate text-12 text-muted' : 'text-16 font-medium'} aria-live="polite">
          {looked ? `${day.format(looked.at)}: ${looked.words}` : total}
        </span>
      </figcaption>
      <div
        tabIndex={0}
        role="img"
        aria-label={`${name} by ${each === 'day' ? 'day' : 'span of time'}, ${total} in all. Arrow keys walk through the ${each}s.`}
        aria-describedby={tableId}
        onKeyDown={onKeyDown}
        onBlur={() => onAt(undefined)}
        onPointerMove={({ clientX, currentTarget }) => lookAt(clientX, currentTarget.getBoundingClientRect())}
        onPointerLeave={() => onAt(undefined)}
        className="mt-1 rounded-sm"
      >
        <svg
          viewBox={`0 0 ${Math.max(1, parts.length) * step} ${barHeight}`}
          preserveAspectRatio="none"
          className="block h-16 w-full border-b border-line"
          aria-hidden
        >
          {parts.map((part, place) => (
            <g key={part.at} className={looked && part !== looked ? 'opacity-40' : ''}>
              {stackBars(part.bars, most).map(({ y, size, tone }) => (
                <rect
                  key={tone}
                  x={place * step + gap / 2}
                  width={step - gap}
                  y={y}
                  height={size}
                  className={fills[tone]}
                />
              ))}
            </g>
          ))}
        </svg>
      </div>
      <div className="mt-1 flex h-4 justify-between text-12 text-faint" aria-hidden>
        <span>{parts[0] ? day.format(parts[0].at) : ''}</span>
        <span>{parts.length > 0 ? 'today' : ''}</span>
      </div>
      <table id={tableId} className="sr-only">
        <caption>{name}</caption>
        <tbody>
          {parts.map((part) => (
            <tr key={part.at}>
              <th scope="row">{day.format(part.at)}</th>
              <td>{part.words}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}
