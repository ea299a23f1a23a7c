import type { XAxis } from '@pilothouse/contract'
import { ChevronDown, RotateCcw } from 'lucide-react'
import { SearchField } from '../ui/search-field.tsx'
import { Button } from '../ui/button.tsx'
import { Menu, MenuChoices } from '../ui/menu.tsx'
import type { ChartView } from './use-chart-view.ts'

const axes: { value: XAxis; label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'epoch', label: 'Epoch' },
  { value: 'relative', label: 'Time since start' },
  { value: 'wall', label: 'Time of day' },
]

/** Axis, smoothing and choice of metrics, for all charts of the tab. */
export function ChartControls({ view, only }: { view: ChartView; only?: 'time' }) {
  const choices = only === 'time' ? axes.slice(2) : axes
  const value = only === 'time' && view.x !== 'wall' ? 'relative' : view.x
  return (
    <div className="flex flex-wrap items-center gap-2">
      {only === 'time' ? null : <KeySearch view={view} />}
      <Menu
        align="start"
        trigger={
          <Button>
            <span className="text-faint">x</span> {choices.find((axis) => axis.value === value)?.label}
            <ChevronDown size={12} className="text-faint" aria-hidden />
          </Button>
        }
      >
        <MenuChoices value={value} choices={choices} onChange={view.setX} />
      </Menu>
      {only === 'time' ? null : <Smoothing view={view} />}
      {view.range === null ? (
        <span className="text-12 text-faint max-md:hidden">
          Drag to zoom, Shift-drag to move, double click to show all
        </span>
      ) : (
        <Button look="quiet" onClick={() => view.setRange(null)}>
          <RotateCcw size={14} aria-hidden /> Show all
        </Button>
      )}
    </div>
  )
}

function KeySearch({ view }: { view: ChartView }) {
  return (
    <SearchField
      label="Filter metrics"
      text={view.keys}
      onText={view.setKeys}
      className="min-w-40 flex-1 sm:max-w-56"
    />
  )
}

function Smoothing({ view }: { view: ChartView }) {
  return (
    <label className="flex h-7 items-center gap-2 rounded-md border border-line bg-surface px-2.5 text-13 font-medium">
      <span className="text-faint">smoothing</span>
      <input
        type="range"
        min="0"
        max="0.99"
        step="0.01"
        value={view.smoothing}
        onChange={(event) => view.setSmoothing(Number(event.target.value))}
        className="h-6 w-24 accent-(--accent)"
      />
      <output className="w-8 text-right">{view.smoothing.toFixed(2)}</output>
    </label>
  )
}
