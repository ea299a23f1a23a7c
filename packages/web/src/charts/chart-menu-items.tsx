import { ImageDown, ListPlus, MessageSquarePlus, Spline } from 'lucide-react'
import { jobSource } from '@pilothouse/contract/wire'
import { MenuAction, MenuCheck, MenuChoices, MenuLabel, MenuLine } from '../ui/menu.tsx'
import { nameSource } from './source-mode.ts'
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
  logRight = false,
  onLogRight,
  isTable,
  onTable,
  isFull,
  onFull,
  sources,
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
      {onLogRight ? (
        <MenuCheck checked={logRight} onChange={onLogRight}>
          Logarithmic right axis
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
      {sources ? (
        <>
          <MenuLine />
          <MenuLabel>Sources</MenuLabel>
          <MenuChoices value={sources.mode} choices={listChoices(sources.all)} onChange={sources.onMode} />
        </>
      ) : null}
    </>
  )
}

function listChoices(sources: readonly string[]): { value: string; label: string }[] {
  return [
    { value: 'mean', label: 'Mean, and the range between them' },
    { value: 'all', label: `All ${sources.length}, a line each` },
    ...sources.map((value) => ({ value, label: value === jobSource ? 'The job itself' : nameSource(value) })),
  ]
}

function Key({ children }: { children: string }) {
  return <kbd className="ml-auto pl-3 font-mono text-12 text-faint">{children}</kbd>
}
