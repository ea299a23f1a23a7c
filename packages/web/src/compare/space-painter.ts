/** Draws the cube, its scales and the points in it onto a canvas. */
import type { Palette } from '../charts/palette.ts'
import type { PlotScale } from './plot-scale.ts'
import { chooseEdge, findBackSides, pointOn, type Placed, type Point3, type Projection } from './space-projection.ts'

export type SpacePoint = { at: number; point: Point3; colour: string }
type SpaceAxis = { name: string; scale: PlotScale }
type SpaceScene = {
  project: Projection
  axes: readonly [SpaceAxis, SpaceAxis, SpaceAxis]
  points: readonly SpacePoint[]
  /** The job that is pointed at. */
  sought: number | undefined
  palette: Palette
  size: { width: number; height: number }
}

const font = "11px 'Geist Variable', system-ui, sans-serif"
const axisNumbers = [0, 1, 2] as const
const pointRadius = 5.5

/** Draws everything, and tells where the points are. */
export function paintSpace(ctx: CanvasRenderingContext2D, scene: SpaceScene): (Placed & { at: number })[] {
  ctx.clearRect(0, 0, scene.size.width, scene.size.height)
  paintBacks(ctx, scene)
  for (const axis of axisNumbers) paintAxis(ctx, scene, axis)
  const placed = scene.points.map((one) => ({ ...one, ...scene.project(one.point) })).sort((a, b) => b.depth - a.depth)
  for (const one of placed) paintStem(ctx, scene, one)
  for (const one of placed) paintPoint(ctx, scene, one)
  return placed
}

/** The three faces behind the points, with a line at each tick. */
function paintBacks(ctx: CanvasRenderingContext2D, { project, axes, palette }: SpaceScene): void {
  const backs = findBackSides(project)
  ctx.lineWidth = 1
  ctx.strokeStyle = palette.line
  for (const face of axisNumbers) {
    const [first, second] = axisNumbers.filter((axis) => axis !== face) as [0 | 1 | 2, 0 | 1 | 2] // two are left of three
    for (const [along, across] of [[first, second] as const, [second, first] as const]) {
      const places = [-0.5, ...axes[along].scale.ticks.map(({ at }) => at - 0.5), 0.5]
      for (const place of places) {
        const ends = [-0.5, 0.5].map((end) => {
          const point: [number, number, number] = [0, 0, 0]
          point[face] = backs[face]
          point[along] = place
          point[across] = end
          return project(point)
        })
        strokeLine(ctx, ends)
      }
    }
  }
}

function paintAxis(ctx: CanvasRenderingContext2D, { project, axes, palette, size }: SpaceScene, axis: 0 | 1 | 2): void {
  const edge = chooseEdge(axis, project)
  const { name, scale } = axes[axis]
  ctx.strokeStyle = palette.lineStrong
  strokeLine(ctx, [project(pointOn(axis, -0.5, edge)), project(pointOn(axis, 0.5, edge))])
  const middle = project(pointOn(axis, 0, edge))
  // Words stand on the side that looks away from the middle of the cube.
  const away = { x: middle.left - size.width / 2, y: middle.top - size.height / 2 }
  const length = Math.hypot(away.x, away.y) || 1
  const unit = { x: away.x / length, y: away.y / length }
  ctx.font = font
  ctx.textBaseline = 'middle'
  ctx.textAlign = Math.abs(unit.x) < 0.3 ? 'center' : unit.x < 0 ? 'right' : 'left'
  ctx.fillStyle = palette.muted
  for (const { at, text } of scale.ticks) {
    const { left, top } = project(pointOn(axis, at - 0.5, edge))
    ctx.fillText(text, left + unit.x * 12, top + unit.y * 12)
  }
  const label = scale.isLog ? `${name} (log)` : name
  ctx.font = font.replace('11px', '600 12px')
  ctx.fillStyle = palette.text
  const half = ctx.measureText(label).width / 2
  const keep = (place: number): number => Math.max(half + 2, Math.min(size.width - half - 2, place))
  ctx.textAlign = 'center'
  if (axis === 2) {
    // Above its upper end: beside it stand its numbers.
    const ends = [-0.5, 0.5].map((end) => project(pointOn(axis, end, edge)))
    const head = ends.reduce((highest, end) => (end.top < highest.top ? end : highest))
    return ctx.fillText(label, keep(head.left), bound(head.top - 18, size))
  }
  const left = middle.left + unit.x * 34 + (Math.abs(unit.x) < 0.3 ? 0 : Math.sign(unit.x) * half * 0.6)
  ctx.fillText(label, keep(left), bound(middle.top + unit.y * 34, size))
}

function bound(top: number, { height }: { height: number }): number {
  return Math.max(8, Math.min(height - 8, top))
}

/** Down to the floor: how deep a point lies can be told. */
function paintStem(ctx: CanvasRenderingContext2D, { project, palette }: SpaceScene, one: SpacePoint & Placed): void {
  const foot = project([one.point[0], one.point[1], -0.5])
  ctx.globalAlpha = 0.5
  ctx.strokeStyle = palette.faint
  strokeLine(ctx, [one, foot])
  ctx.fillStyle = palette.faint
  ctx.beginPath()
  ctx.arc(foot.left, foot.top, 1.5, 0, 2 * Math.PI)
  ctx.fill()
  ctx.globalAlpha = 1
}

function paintPoint(ctx: CanvasRenderingContext2D, { palette, sought }: SpaceScene, one: SpacePoint & Placed): void {
  const isSought = one.at === sought
  ctx.beginPath()
  ctx.arc(one.left, one.top, pointRadius * one.size * (isSought ? 1.4 : 1), 0, 2 * Math.PI)
  ctx.fillStyle = one.colour
  ctx.fill()
  ctx.lineWidth = isSought ? 2 : 1
  ctx.strokeStyle = isSought ? palette.text : palette.surface
  ctx.stroke()
  ctx.lineWidth = 1
}

function strokeLine(ctx: CanvasRenderingContext2D, [from, to]: readonly Pick<Placed, 'left' | 'top'>[]): void {
  if (!from || !to) return
  ctx.beginPath()
  ctx.moveTo(from.left, from.top)
  ctx.lineTo(to.left, to.top)
  ctx.stroke()
}

/** From dark blue to yellow-green, and on dark ground as much lighter: each end stands out from its ground by 3:1. */
export function colourAt(place: number, isDark: boolean): string {
  const [from, to] = isDark ? [0.55, 0.92] : [0.32, 0.64]
  const light = from + place * (to - from)
  return `oklch(${light.toFixed(3)} 0.14 ${(285 - place * 180).toFixed(0)})`
}
