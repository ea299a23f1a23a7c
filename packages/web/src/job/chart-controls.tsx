import type { ReactNode } from 'react'
import type { Job, XAxis } from '@pilothouse/contract'
import { keyOfAxis } from '@pilothouse/contract/wire'
import { ChevronDown, RotateCcw } from 'lucide-react'
import { nameAxis, listDefinedAxes } from '@pilothouse/signals'
import { SearchField } from '../ui/search-field.tsx'
import { Button } from '../ui/button.tsx'
import { Menu, MenuCheck, MenuChoices, MenuLine } from '../ui/menu.tsx'
import type { ChartView } from '../charts/chart-view.ts'

const axes: { value: XAxis; label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'epoch', label: 'Epoch' },
  { value: 'relative', label: 'Time since start' },
  { value: 'wall', label: 'Time of day' },
]

/** Axis, smoothing and choice of metrics, for all charts of the tab. */
export function ChartControls({
  view,
  job,
  only,
  children,
}: {
  view: ChartView
  /** Absent for several jobs: each may say something else of its axes. */
  job?: Pick<Job, 'metrics'>
  only?: 'time'
  children?: ReactNode
}) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      {only === 'time' ? null : <KeySearch view={view} />}
      {only === 'time' ? <TimeAxisMenu view={view} /> : <AxisMenu view={view} definitions={job?.metrics ?? []} />}
      {only === 'time' ? null : <Smoothing view={view} />}
      {only === 'time' ? null : <OutlierSwitch view={view} />}
      {children}
      {view.isZoomed ? (
        <Button look="quiet" onClick={view.showAll}>
          <RotateCcw size={14} aria-hidden /> Show all
        </Button>
      ) : (
        <span className="text-12 text-faint max-md:hidden">
          Drag to zoom, Shift-drag to move, double click to show all
        </span>
      )}
    </div>
  )
}

/** Of what is measured of machines: the time, and where the training was at that time. */
function TimeAxisMenu({ view }: { view: ChartView }) {
  const value = view.x === undefined || keyOfAxis(view.x) !== undefined ? 'relative' : view.x
  return (
    <AxisButton label={axes.find((axis) => axis.value === value)?.label} note={view.logX ? 'log' : undefined}>
      <MenuChoices value={value} choices={axes} onChange={view.setX} />
      <LogChoice view={view} />
    </AxisButton>
  )
}

/** The axis of all charts; where the script defines axes, each chart has its own until somebody chooses one for all. */
function AxisMenu({ view, definitions }: { view: ChartView; definitions: Job['metrics'] }) {
  const defined = listDefinedAxes(definitions)
  const others = defined.map(({ x }) => x).concat(view.x ?? [])
  const named = [...new Set(others)].filter((x) => keyOfAxis(x) !== undefined)
  const choices = [...axes, ...named.map((x) => ({ value: x, label: nameAxis(x) }))]
  const label = choices.find((axis) => axis.value === (view.x ?? 'step'))?.label
  const note = view.logX ? 'log' : undefined
  if (defined.length === 0) {
    const choose = (x: XAxis): void => view.setX(x === 'step' ? undefined : x)
    return (
      <AxisButton label={label} note={note}>
        <MenuChoices value={view.x ?? 'step'} choices={choices} onChange={choose} />
        <LogChoice view={view} />
      </AxisButton>
    )
  }
  const own = { value: 'defined' as const, label: <DefinedChoice defined={defined} /> }
  return (
    <AxisButton label={view.x === undefined ? 'As defined' : label} note={note}>
      <MenuChoices
        value={view.x ?? 'defined'}
        choices={[own, ...choices]}
        onChange={(x) => view.setX(x === 'defined' ? undefined : x)}
      />
      <LogChoice view={view} />
    </AxisButton>
  )
}

function LogChoice({ view }: { view: ChartView }) {
  return (
    <>
      <MenuLine />
      <MenuCheck checked={view.logX} onChange={view.setLogX}>
        Logarithmic
      </MenuCheck>
    </>
  )
}

/** What the script said, in its own words. */
function DefinedChoice({ defined }: { defined: ReturnType<typeof listDefinedAxes> }) {
  const words = defined.map(({ x, patterns }) => `${patterns.join(', ')} over ${nameAxis(x)}`).join('; ')
  return (
    <>
      As defined
      <span className="max-w-48 truncate text-12 text-faint" title={`define_metric in the script: ${words}`}>
        {words}
      </span>
    </>
  )
}

function AxisButton({ label, note, children }: { label: ReactNode; note?: string | undefined; children: ReactNode }) {
  return (
    <Menu
      align="start"
      trigger={
        <Button>
          <span className="text-faint">x</span> <span className="max-w-40 truncate">{label}</span>
          {note === undefined ? null : <span className="text-faint">{note}</span>}
          <ChevronDown size={12} className="text-faint" aria-hidden />
        </Button>
      }
    >
      {children}
    </Menu>
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

function OutlierSwitch({ view }: { view: ChartView }) {
  return (
    <Button
      aria-pressed={view.clip}
      title="Ignore outliers in scaling: the y axis shows each line without its lowest and highest 2 %; where a line leaves the chart, its edge is marked"
      onClick={() => view.setClip(!view.clip)}
    >
      Ignore outliers
    </Button>
  )
}

/** Tenfold from 0.9 to 0.99 to 0.999: the slider goes by the logarithm of what an average forgets with each point. */
const sliderEnd = 3
const weightAt = (place: number): number => Number((1 - 10 ** -place).toFixed(3))

function Smoothing({ view }: { view: ChartView }) {
  const { smoothing } = view
  const place = smoothing === 'auto' ? 0 : Math.min(sliderEnd, -Math.log10(1 - smoothing))
  return (
    <label className="flex h-7 items-center gap-2 rounded-md border border-line bg-surface px-2.5 text-13 font-medium">
      <span className="text-faint">smoothing</span>
      <input
        type="range"
        min="0"
        max={sliderEnd}
        step="0.05"
        value={place}
        aria-valuetext={smoothing === 'auto' ? 'by the length of each series' : String(smoothing)}
        onChange={(event) => view.setSmoothing(weightAt(Number(event.target.value)))}
        className={`h-6 w-24 accent-(--accent) ${smoothing === 'auto' ? 'opacity-50' : ''}`}
      />
      <output className="w-9 text-right">{smoothing}</output>
      {smoothing === 'auto' ? null : (
        <button
          type="button"
          className="-mr-1.5 rounded px-1 text-12 text-muted hover:bg-hover"
          title="Smooth each series by its length"
          onClick={() => view.setSmoothing('auto')}
        >
          auto
        </button>
      )}
    </label>
  )
}
