import { ImageDown, ListPlus, MessageSquarePlus, Spline } from 'lucide-react'
import { MenuAction, MenuCheck } from '../ui/menu.tsx'
import type { TimeChartProps } from './time-chart.tsx'

export type ChartMenuProps = TimeChartProps & {
  onAnnotate: (() => void) | undefined
  onPicture: (() => void) | undefined
  onVector: (() => void) | undefined
}

/** What can be done with one chart. */
export function ChartMenuItems({
  log,
  onLog,
  isTable,
  onTable,
  isFull,
  onFull,
  onLines,
  onAnnotate,
  onPicture,
  onVector,
}: ChartMenuProps) {
  return (
    <>
      {onLog ? (
        <MenuCheck checked={log} onChange={onLog}>
          Logarithmic y axis
        </MenuCheck>
      ) : null}
      <MenuCheck checked={isTable} onChange={onTable}>
        Show as table
      </MenuCheck>
      <MenuCheck checked={isFull} onChange={onFull}>
        Fill the window <Key>f</Key>
      </MenuCheck>
      {onLines ? (
        <MenuAction icon={<ListPlus size={14} />} onClick={onLines}>
          Add a metric to this chart …
        </MenuAction>
      ) : null}
      {onPicture ? (
        <MenuAction icon={<ImageDown size={14} />} onClick={onPicture}>
          Save as picture (PNG)
        </MenuAction>
      ) : null}
      {onVector ? (
        <MenuAction icon={<Spline size={14} />} onClick={onVector}>
          Save as vectors (SVG)
        </MenuAction>
      ) : null}
      {onAnnotate ? (
        <MenuAction icon={<MessageSquarePlus size={14} />} onClick={onAnnotate}>
          Note on a point <Key>n</Key>
        </MenuAction>
      ) : null}
    </>
  )
}

function Key({ children }: { children: string }) {
  return <kbd className="ml-auto pl-3 font-mono text-12 text-faint">{children}</kbd>
}
