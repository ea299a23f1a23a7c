/** A cube in space, seen from somewhere, on a flat picture. Pure. */

/** Coordinates of the cube, each −½ … ½; the third one is up. */
export type Point3 = readonly [x: number, y: number, z: number]
/** Degrees: turned about the upright axis, and looked at from above. `zoom` 1 shows the whole cube. */
export type Stance = { turn: number; lift: number; zoom: number }
export type Placed = { left: number; top: number; depth: number; size: number }
export type Projection = (point: Point3) => Placed

export const plainStance: Stance = { turn: 32, lift: 22, zoom: 1 }
const zoomRange = { min: 0.5, max: 4 }

/** How far the eye is from the middle, in edges. Near enough to see what is in front, far enough not to bend the cube. */
const eyeAt = 3.2

/** `turn,lift,zoom` of an address; the plain one for anything else. */
export function readStance(text: string | undefined): Stance {
  const [turn = Number.NaN, lift = Number.NaN, zoom = Number.NaN, ...more] = (text ?? '').split(',').map(Number)
  const isGood = more.length === 0 && Number.isFinite(turn + lift + zoom) && text !== ''
  return isGood ? boundStance({ turn, lift, zoom }) : plainStance
}

/** Undefined for the plain one, which needs no words. */
export function formatStance(stance: Stance): string | undefined {
  const text = [stance.turn, stance.lift, stance.zoom].map((part) => Number(part.toFixed(2))).join(',')
  return text === formatPlain ? undefined : text
}

const formatPlain = [plainStance.turn, plainStance.lift, plainStance.zoom].join(',')

/** Once around is where it was; over the top and under the floor nobody turns. */
export function boundStance({ turn, lift, zoom }: Stance): Stance {
  return {
    turn: ((turn % 360) + 360) % 360,
    lift: Math.max(-90, Math.min(90, lift)),
    zoom: Math.max(zoomRange.min, Math.min(zoomRange.max, zoom)),
  }
}

type Window = { width: number; height: number; isFlat: boolean }

/** `isFlat` = orthographic: parallel lines stay so, and what is far is as large as what is near. */
export function makeProjection({ turn, lift, zoom }: Stance, { width, height, isFlat }: Window): Projection {
  const [sinTurn, cosTurn] = sinCos(turn)
  const [sinLift, cosLift] = sinCos(lift)
  const scale = 0.5 * Math.min(width * 0.9, height) * zoom
  return ([x, y, z]) => {
    const across = cosTurn * x + sinTurn * y
    const away = -sinTurn * x + cosTurn * y
    const up = cosLift * z + sinLift * away
    const depth = cosLift * away - sinLift * z
    const size = isFlat ? 1 : eyeAt / (eyeAt + depth)
    return { left: width / 2 + across * scale * size, top: height / 2 - up * scale * size, depth, size }
  }
}

function sinCos(degrees: number): [number, number] {
  const angle = (degrees * Math.PI) / 180
  return [Math.sin(angle), Math.cos(angle)]
}

const ends = [-0.5, 0.5] as const

/** The point of the cube that lies at `along` on the axis, with the other two coordinates given in their order. */
export function pointOn(axis: 0 | 1 | 2, along: number, [first, second]: readonly [number, number]): Point3 {
  if (axis === 0) return [along, first, second]
  return axis === 1 ? [first, along, second] : [first, second, along]
}

/** The edge on which an axis is written: low in the picture for those that lie, on the left for the upright one. */
export function chooseEdge(axis: 0 | 1 | 2, project: Projection): readonly [number, number] {
  const edges = ends.flatMap((first) => ends.map((second) => [first, second] as const))
  const rank = (edge: readonly [number, number]): number => {
    const middle = project(pointOn(axis, 0, edge))
    return axis === 2 ? middle.left : -middle.top
  }
  return edges.reduce((best, edge) => (rank(edge) < rank(best) - 1e-6 ? edge : best))
}

/** On which side of each axis lies the face that is seen from inside, behind the points. */
export function findBackSides(project: Projection): readonly [number, number, number] {
  const side = (axis: 0 | 1 | 2): number =>
    project(pointOn(axis, 0.5, [0, 0])).depth > project(pointOn(axis, -0.5, [0, 0])).depth ? 0.5 : -0.5
  return [side(0), side(1), side(2)]
}

/** The point under the pointer: of those within reach the one in front. */
export function findPoint(
  points: readonly (Placed & { at: number })[],
  { left, top }: { left: number; top: number },
  reach: number,
): number | undefined {
  const near = points.filter((one) => Math.hypot(one.left - left, one.top - top) <= reach)
  const first = near.toSorted(
    (a, b) => Math.hypot(a.left - left, a.top - top) - Math.hypot(b.left - left, b.top - top) || a.depth - b.depth,
  )[0]
  return first?.at
}
