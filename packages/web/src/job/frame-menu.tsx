import type { XAxis } from '@pilothouse/contract'
import { ChevronDown } from 'lucide-react'
import type { ChartFeed } from '../charts/chart-data.ts'
import { listFrames } from '../charts/moving-frame.ts'
import type { ChartView } from '../charts/chart-view.ts'
import { Button } from '../ui/button.tsx'
import { Menu, MenuChoices } from '../ui/menu.tsx'

const everything = 'all'

/** How much of the axis is shown: all of it, or the newest part, which moves along. */
export function FrameMenu({ view, x, feed }: { view: ChartView; x: XAxis; feed: ChartFeed }) {
  const frames = listFrames(x, feed.newest?.(x), view.last)
  if (frames.length === 0) return null
  const choices = [{ value: everything, label: 'All' }, ...frames]
  const label = frames.find(({ value }) => value === view.last)?.label ?? (view.isZoomed ? 'Part' : 'All')
  return (
    <Menu
      align="start"
      trigger={
        <Button>
          <span className="text-faint">show</span> {label}
          <ChevronDown size={12} className="text-faint" aria-hidden />
        </Button>
      }
    >
      <MenuChoices
        value={view.last ?? (view.isZoomed ? '' : everything)}
        choices={choices}
        onChange={(value) => (value === everything ? view.showAll() : view.setLast(value))}
      />
    </Menu>
  )
}
