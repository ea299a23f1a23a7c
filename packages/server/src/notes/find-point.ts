import { type NoteSubject, PilothouseError, type noteAxes } from '@pilothouse/contract'
import type { SeriesPoints, SeriesQuery } from '@pilothouse/series'
import type { JobRow } from '../jobs/read-job.ts'
import type { StorageContext } from '../storage/operation.ts'
import { type BranchPart, findChain } from '../telemetry/branch-chain.ts'
import { shiftOf } from '../telemetry/query-metrics.ts'
import { finiteOrNull, toWireValue } from '../telemetry/wire-numbers.ts'

export type PointPlace = { key: string; source: string; x: (typeof noteAxes)[number]; at: number }
export type FoundPoint = Omit<Extract<NoteSubject, { kind: 'point' }>, 'kind'>

/** Points looked at around where the place should be; only one that came far out of order lies further off. */
const lookMax = 4_096

/**
 * The last point of the current branch, or of what it was forked from, at or before a place on an axis; before the first
 * point that is the first.
 * @throws PilothouseError `notFound` when the series has no point.
 */
export async function findPoint(context: StorageContext, job: JobRow, place: PointPlace): Promise<FoundPoint> {
  const chain = await findChain(context.db, job)
  for (const part of chain.toReversed()) {
    const found = await findOnBranch(context, job, { place, part, bounded: true })
    if (found) return found
  }
  for (const part of chain) {
    const found = await findOnBranch(context, job, { place, part, bounded: false })
    if (found) return found
  }
  throw new PilothouseError('notFound', `There is no point of «${place.key}» from «${place.source}» in this job.`, {
    field: 'subject.key',
    hint: 'Name a metric that the job has logged; GET /api/jobs/{uid}/metrics/latest lists them.',
  })
}

type Search = { place: PointPlace; part: BranchPart; bounded: boolean }

async function findOnBranch(
  { series }: StorageContext,
  job: JobRow,
  { place, part, bounded }: Search,
): Promise<FoundPoint | undefined> {
  const { key, source, x } = place
  const asked: SeriesQuery = {
    selectors: [{ group: job.id, source, keys: [key], ...part }],
    x: x === 'relative' || x === 'wall' ? 'time' : x,
    points: 1,
    ...(bounded ? { to: place.at + shiftOf(x, job) } : {}),
  }
  const [counted] = await series.query(asked)
  const wanted = (bounded ? counted?.xLast : counted?.x)?.[0]
  if (!counted || counted.count === 0 || wanted === undefined) return undefined
  // In order of arrival the point has about the number that it has in the order of the axis.
  const from = bounded ? Math.max(0, counted.count - 1 - lookMax / 2) : 0
  const runs = series.export([{ group: job.id, branch: part.branch, source, keys: [key] }], { from })
  const found = await findNearest(runs, { column: columnOf(x), wanted })
  return found && toPoint(found, job.clock_offset_ms ?? 0)
}

type Wanted = { column: 'steps' | 'epochs' | 'times'; wanted: number }
type Row = { run: SeriesPoints; row: number }

/** The point that lies nearest to the wanted place, the last one of several. */
async function findNearest(runs: AsyncIterable<SeriesPoints>, { column, wanted }: Wanted): Promise<Row | undefined> {
  let nearest: Row | undefined
  let least = Number.POSITIVE_INFINITY
  let looked = 0
  for await (const run of runs) {
    run[column].forEach((place, row) => {
      const distance = Math.abs(place - wanted)
      if (!(distance <= least)) return
      least = distance
      nearest = { run, row }
    })
    looked += run.values.length
    if (looked >= lookMax) break
  }
  return nearest
}

function columnOf(x: PointPlace['x']): Wanted['column'] {
  if (x === 'step') return 'steps'
  return x === 'epoch' ? 'epochs' : 'times'
}

function toPoint({ run, row }: Row, clockOffsetMs: number): FoundPoint {
  const { key, source, branch, steps, epochs, times, values } = run
  return {
    key,
    source,
    branch,
    step: steps[row] ?? 0,
    epoch: finiteOrNull(epochs[row]),
    time: (times[row] ?? 0) - clockOffsetMs,
    value: toWireValue(values[row] ?? Number.NaN),
  }
}
