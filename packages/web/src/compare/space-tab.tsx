import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ComparedJob } from '@pilothouse/contract'
import { formatExact, formatValue } from '@pilothouse/signals'
import { Minus, Plus, RotateCcw } from 'lucide-react'
import { themeEvent } from '../app/theme.ts'
import { readPalette } from '../charts/palette.ts'
import { Button } from '../ui/button.tsx'
import type { CompareSearch } from './compare-search.ts'
import { makeScale } from './plot-scale.ts'
import { chooseSpace, listMeasures, type Measure, type Space } from './space-measures.ts'
import { colourAt, paintSpace, type SpacePoint } from './space-painter.ts'
import {
  boundStance,
  findPoint,
  formatStance,
  makeProjection,
  plainStance,
  readStance,
  type Placed,
  type Stance,
} from './space-projection.ts'

/** So near a point the pointer is on it, CSS pixels. */
const reachPx = 12
/** Shorter moves are clicks, CSS pixels. */
const dragMinPx = 4
const degreesPerPx = 0.5
const keyDegrees = 5
const zoomStep = 1.2
/** A wheel that rests so long has been turned. */
const restMs = 200

type Change = (next: { [Key in keyof CompareSearch]?: CompareSearch[Key] | undefined }) => void
type SpaceProps = { jobs: readonly ComparedJob[]; search: CompareSearch; change: Change }

/** Jobs as points in a space of three of their numbers, coloured by a fourth. */
export function SpaceTab({ jobs, search, change }: SpaceProps) {
  const measures = useMemo(() => listMeasures(jobs), [jobs])
  const { sx, sy, sz, sc } = search
  const space = useMemo(() => chooseSpace(measures, { x: sx, y: sy, z: sz, colour: sc }), [measures, sx, sy, sz, sc])
  if (!space) return <p className="py-6 text-muted">No number differs between these jobs, so they span no space.</p>
  const rows = jobs.flatMap((job, at) => {
    const values = [space.x, space.y, space.z, space.colour].map((measure) => measure.values[at] ?? null)
    return values.every((value) => value !== null) ? [{ job, at, values }] : []
  })
  const missing = jobs.length - rows.length
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <MeasureChoice label="x" measures={measures} value={space.x} onChoose={(id) => change({ sx: id })} />
        <MeasureChoice label="y" measures={measures} value={space.y} onChoose={(id) => change({ sy: id })} />
        <MeasureChoice label="z" measures={measures} value={space.z} onChoose={(id) => change({ sz: id })} />
        <MeasureChoice label="colour" measures={measures} value={space.colour} onChoose={(id) => change({ sc: id })} />
      </div>
      {missing > 0 ? (
        <p className="text-12 text-muted">
          {missing} of {jobs.length} jobs {missing === 1 ? 'has' : 'have'} not all four values and{' '}
          {missing === 1 ? 'is' : 'are'} left out.
        </p>
      ) : null}
      <SpacePlot rows={rows} space={space} search={search} change={change} />
      <SpaceTable rows={rows} space={space} />
    </div>
  )
}

type ChoiceProps = { label: string; measures: readonly Measure[]; value: Measure; onChoose: (id: string) => void }

function MeasureChoice({ label, measures, value, onChoose }: ChoiceProps) {
  return (
    <label className="flex items-center gap-1.5">
      <span className="text-muted">{label}</span>
      <select
        value={value.id}
        onChange={({ target }) => onChoose(target.value)}
        className="h-8 max-w-48 rounded-md border border-line bg-surface px-2 pointer-coarse:h-11 max-sm:text-16"
      >
        {measures.map(({ id, name }) => (
          <option key={id} value={id}>
            {id.startsWith('result.') ? `${name}, best` : name}
          </option>
        ))}
      </select>
    </label>
  )
}

type Row = { job: ComparedJob; at: number; values: readonly (number | null)[] }
type PlotProps = { rows: readonly Row[]; space: Space; search: CompareSearch; change: Change }

function SpacePlot({ rows, space, search, change }: PlotProps) {
  const navigate = useNavigate()
  const [draft, setDraft] = useState<Stance | null>(null)
  const [sought, setSought] = useState<number>()
  const stance = draft ?? readStance(search.stance)
  const isFlat = search.flat === '1'
  const { canvas, placed } = useSpacePicture({ rows, space, stance, isFlat, sought })
  const keep = (next: Stance): void => {
    setDraft(null)
    change({ stance: formatStance(boundStance(next)) })
  }
  const zoom = (by: number): void => keep({ ...stance, zoom: stance.zoom * by })
  const hand = useTurning({ stance, setDraft, keep })
  useWheel(canvas, { stance, setDraft, keep })
  const find = ({ clientX, clientY, currentTarget }: PointerEvent): number | undefined => {
    const box = currentTarget.getBoundingClientRect()
    return findPoint(placed.current, { left: clientX - box.left, top: clientY - box.top }, reachPx)
  }
  const press = (event: KeyboardEvent): void => {
    const next = turnByKey(stance, event.key)
    if (!next) return
    event.preventDefault()
    keep(next)
  }
  const pointed = rows.find(({ at }) => at === sought)
  const axes = `${space.x.name}, ${space.y.name} and ${space.z.name}`
  return (
    <section aria-label="Parameter space" className="rounded-lg border border-line bg-surface">
      <header className="flex flex-wrap items-center gap-2 px-3 pt-2">
        <h2 className="mr-auto font-medium">
          {rows.length} jobs over {axes}
        </h2>
        <Button
          aria-pressed={isFlat}
          title="Parallel lines stay parallel"
          onClick={() => change({ flat: isFlat ? undefined : '1' })}
        >
          Without perspective
        </Button>
        <Button look="quiet" square aria-label="Nearer" onClick={() => zoom(zoomStep)}>
          <Plus size={14} aria-hidden />
        </Button>
        <Button look="quiet" square aria-label="Farther" onClick={() => zoom(1 / zoomStep)}>
          <Minus size={14} aria-hidden />
        </Button>
        <Button look="quiet" square aria-label="Back to the first view" onClick={() => keep(plainStance)}>
          <RotateCcw size={14} aria-hidden />
        </Button>
      </header>
      <div className="relative">
        <canvas
          ref={canvas}
          role="img"
          tabIndex={0}
          aria-label={`Each of ${rows.length} jobs as a point over ${axes}, coloured by ${space.colour.name}. Arrow keys turn it, plus and minus zoom. The table below has the values.`}
          className={`block h-80 sm:h-[min(64dvh,560px)] w-full touch-pan-y -outline-offset-2 ${sought === undefined ? 'cursor-grab' : 'cursor-pointer'}`}
          onKeyDown={press}
          onPointerDown={hand.down}
          onPointerMove={(event) => {
            const isTurning = hand.move(event)
            setSought(isTurning ? undefined : find(event))
          }}
          onPointerLeave={() => setSought(undefined)}
          onPointerUp={(event) => {
            const wasTurned = hand.up()
            const at = wasTurned ? undefined : find(event)
            const uid = rows.find((row) => row.at === at)?.job.uid
            if (uid !== undefined) void navigate({ to: '/job/$uid', params: { uid } })
          }}
          onPointerCancel={hand.up}
        />
        {pointed ? (
          <PointTip row={pointed} space={space} place={placed.current.find(({ at }) => at === pointed.at)} />
        ) : null}
      </div>
      <ColourLegend measure={space.colour} rows={rows} />
    </section>
  )
}

function turnByKey(stance: Stance, key: string): Stance | undefined {
  switch (key) {
    case 'ArrowLeft':
      return { ...stance, turn: stance.turn - keyDegrees }
    case 'ArrowRight':
      return { ...stance, turn: stance.turn + keyDegrees }
    case 'ArrowUp':
      return { ...stance, lift: stance.lift + keyDegrees }
    case 'ArrowDown':
      return { ...stance, lift: stance.lift - keyDegrees }
    case '+':
    case '=':
      return { ...stance, zoom: stance.zoom * zoomStep }
    case '-':
      return { ...stance, zoom: stance.zoom / zoomStep }
    case 'Home':
      return plainStance
    default:
      return undefined
  }
}

type Turned = { stance: Stance; setDraft: (stance: Stance) => void; keep: (stance: Stance) => void }

/** The picture turns with the pointer that holds it; the address is told when it lets go. */
function useTurning({ stance, setDraft, keep }: Turned) {
  const held = useRef<{ x: number; y: number; from: Stance; now: Stance | null } | null>(null)
  return {
    down: (event: PointerEvent): void => {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      held.current = { x: event.clientX, y: event.clientY, from: stance, now: null }
    },
    /** True while it turns. */
    move: ({ clientX, clientY }: PointerEvent): boolean => {
      const hold = held.current
      if (!hold) return false
      const [dx, dy] = [clientX - hold.x, clientY - hold.y]
      if (hold.now === null && Math.hypot(dx, dy) < dragMinPx) return false
      const { turn, lift, zoom } = hold.from
      hold.now = boundStance({ turn: turn + dx * degreesPerPx, lift: lift + dy * degreesPerPx, zoom })
      setDraft(hold.now)
      return true
    },
    /** True if it was turned and not only clicked. */
    up: (): boolean => {
      const now = held.current?.now ?? null
      held.current = null
      if (now) keep(now)
      return now !== null
    },
  }
}

/** At the ends of the zoom the wheel moves the page again. */
function useWheel(canvas: { current: HTMLCanvasElement | null }, turned: Turned): void {
  const latest = useRef(turned)
  useEffect(() => {
    latest.current = turned
  })
  useEffect(() => {
    const element = canvas.current
    if (!element) return undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const turn = (event: WheelEvent): void => {
      const { stance, setDraft } = latest.current
      const next = boundStance({ ...stance, zoom: stance.zoom * Math.exp(-event.deltaY / 500) })
      if (next.zoom === stance.zoom) return
      event.preventDefault()
      setDraft(next)
      clearTimeout(timer)
      timer = setTimeout(() => latest.current.keep(latest.current.stance), restMs)
    }
    // React listens passively, and then the page would move, too.
    element.addEventListener('wheel', turn, { passive: false })
    return () => {
      clearTimeout(timer)
      element.removeEventListener('wheel', turn)
    }
  }, [canvas])
}

type Picture = { rows: readonly Row[]; space: Space; stance: Stance; isFlat: boolean; sought: number | undefined }

/** Paints after every change, also of size and theme. Nothing moves by itself. */
function useSpacePicture({ rows, space, stance, isFlat, sought }: Picture) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const placed = useRef<(Placed & { at: number })[]>([])
  const paint = useRef<() => void>(() => undefined)
  useEffect(() => {
    paint.current = () => {
      const element = canvas.current
      const ctx = element?.getContext('2d')
      if (!element || !ctx) return
      const size = { width: element.clientWidth, height: element.clientHeight }
      const ratio = devicePixelRatio
      element.width = Math.round(size.width * ratio)
      element.height = Math.round(size.height * ratio)
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
      const axes = [space.x, space.y, space.z].map(({ name, values }) => ({ name, scale: makeScale(known(values)) }))
      const [x, y, z] = axes
      if (!x || !y || !z) return
      const project = makeProjection(stance, { ...size, isFlat })
      const points = placePoints(rows, space)
      placed.current = paintSpace(ctx, { project, axes: [x, y, z], points, sought, palette: readPalette(), size })
    }
    paint.current()
  })
  useEffect(() => {
    const again = (): void => paint.current()
    const observer = new ResizeObserver(again)
    if (canvas.current) observer.observe(canvas.current)
    window.addEventListener(themeEvent, again)
    return () => {
      observer.disconnect()
      window.removeEventListener(themeEvent, again)
    }
  }, [])
  return { canvas, placed }
}

function placePoints(rows: readonly Row[], { x, y, z, colour }: Space): SpacePoint[] {
  const scales = [x, y, z, colour].map(({ values }) => makeScale(known(values)))
  const isDark = document.documentElement.dataset['theme'] === 'dark'
  return rows.map(({ at, values }) => {
    const [left = 0.5, away = 0.5, up = 0.5, shade = 0.5] = values.map((value, axis) =>
      scales[axis]?.place(value ?? undefined),
    )
    return { at, point: [left - 0.5, away - 0.5, up - 0.5], colour: colourAt(shade, isDark) }
  })
}

function known(values: readonly (number | null)[]): (number | undefined)[] {
  return values.map((value) => value ?? undefined)
}

/** Names and values of the four, as they are said of one job. */
function listFacts({ values }: Row, { x, y, z, colour }: Space): { name: string; text: string }[] {
  return [x, y, z, colour].map(({ name, id }, at) => {
    const value = values[at] ?? Number.NaN
    return { name, text: id.startsWith('result.') ? formatValue(value) : formatExact(value) }
  })
}

function PointTip({ row, space, place }: { row: Row; space: Space; place: Placed | undefined }) {
  if (!place) return null
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute z-10 max-w-64 rounded-md border border-line-strong bg-surface px-2.5 py-1.5 text-12 shadow-float"
      style={{ left: `clamp(0px, ${place.left + 14}px, calc(100% - 180px))`, top: Math.max(0, place.top - 20) }}
    >
      <div className="truncate font-medium">{row.job.name}</div>
      {listFacts(row, space).map(({ name, text }, at) => (
        <div key={at} className="flex justify-between gap-3 text-muted">
          <span className="truncate">{name}</span>
          <span className="text-text">{text}</span>
        </div>
      ))}
    </div>
  )
}

function ColourLegend({ measure, rows }: { measure: Measure; rows: readonly Row[] }) {
  const [, redraw] = useState(0)
  useEffect(() => {
    const again = (): void => redraw((count) => count + 1)
    window.addEventListener(themeEvent, again)
    return () => window.removeEventListener(themeEvent, again)
  }, [])
  const { ticks, isLog } = makeScale(known(measure.values))
  const isDark = document.documentElement.dataset['theme'] === 'dark'
  const colours = [0, 0.25, 0.5, 0.75, 1].map((place) => colourAt(place, isDark))
  if (rows.length === 0) return null
  return (
    <div className="flex flex-wrap items-center gap-2 px-3 pt-1 pb-2.5 text-12">
      <span className="text-muted">
        {measure.name}
        {isLog ? ' (log)' : ''}
      </span>
      <span>{ticks[0]?.text}</span>
      <span
        aria-hidden
        className="h-2.5 w-40 rounded-sm"
        style={{ background: `linear-gradient(to right, ${colours.join(', ')})` }}
      />
      <span>{ticks.at(-1)?.text}</span>
    </div>
  )
}

/** The same in words. */
function SpaceTable({ rows, space }: { rows: readonly Row[]; space: Space }) {
  const heads = [space.x, space.y, space.z, space.colour].map(({ name }) => name)
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label="Parameter space, table"
      className="max-h-[50dvh] overflow-auto rounded-lg border border-line bg-surface -outline-offset-2"
    >
      <table className="w-full border-collapse">
        <thead className="sticky top-0 bg-surface text-12 text-muted">
          <tr>
            <th scope="col" className="px-3 py-1.5 text-left font-normal">
              Job
            </th>
            {heads.map((head, at) => (
              <th key={at} scope="col" className="px-3 py-1.5 text-right font-normal">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.job.uid} className="border-t border-line">
              <th scope="row" className="max-w-56 truncate px-3 py-1 text-left font-medium">
                <Link to="/job/$uid" params={{ uid: row.job.uid }} className="hover:underline">
                  {row.job.name}
                </Link>
              </th>
              {listFacts(row, space).map(({ text }, at) => (
                <td key={at} className="px-3 py-1 text-right whitespace-nowrap">
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
