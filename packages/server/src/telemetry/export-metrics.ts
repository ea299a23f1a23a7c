/**
 * Raw points for a download, a slice a call: as lines of text, or as columns that the caller writes. A slice ends inside a
 * series, so the place to go on is a name and a point's number.
 */
import type { SeriesPoints } from '@pilothouse/series'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { findJob } from '../jobs/find-job.ts'
import { type BranchPart, findChain } from './branch-chain.ts'
import { selectChain } from './query-metrics.ts'
import { finiteOrNull, toWireValue } from './wire-numbers.ts'

/** Points in one slice: about 1.5 MB of text and 15 ms. */
const pointsMax = 20_000

export type ExportSelection = { key?: string[] | undefined; source: string; branch?: number | undefined }
export type ExportQuery = ExportSelection & { format: 'csv' | 'ndjson' }
/** The next point to give. */
export type ExportPlace = { branch: number; source: string; key: string; from: number }
export type ExportSlice = { bytes: Uint8Array; next: ExportPlace | null }

/** Points of one series, in order of arrival, as they are given out: times by the server's clock, epochs NaN where unknown. */
export type ExportRun = {
  branch: number
  source: string
  key: string
  steps: Float64Array
  times: Float64Array
  epochs: Float64Array
  values: Float64Array
}
export type ExportRuns = { runs: ExportRun[]; next: ExportPlace | null }

/** The first line of a CSV. */
export const csvHead = 'branch,source,key,step,epoch,time,value\n'

type Input<Query> = { uid: string; query: Query; place: ExportPlace | null }

/** Points from `place` on as text; null begins. Branches oldest first, then by source and key, then in order of arrival. */
export const exportMetrics: Operation<Input<ExportQuery>, ExportSlice> = async (context, input) => {
  const { runs, next } = await readSlice(context, input)
  return { bytes: new TextEncoder().encode(runs.map((run) => formatRun(run, input.query.format)).join('')), next }
}

/** The same as columns. */
export const exportRuns: Operation<Input<ExportSelection>, ExportRuns> = (context, input) => readSlice(context, input)

async function readSlice(context: StorageContext, { uid, query, place }: Input<ExportSelection>): Promise<ExportRuns> {
  const job = await findJob(context.db, uid)
  const chain = await findChain(context.db, job, query.branch)
  const waiting = await listSeries(context, { group: job.id, chain, query, place })
  const runs: ExportRun[] = []
  let points = 0
  for (const one of waiting) {
    const stepMax = chain.find(({ branch }) => branch === one.branch)?.stepMax ?? Infinity
    const select = { group: job.id, branch: one.branch, source: one.source, keys: [one.key] }
    // A long series takes many slices: each goes on where the last one ended, without reading what was given.
    for await (const run of context.series.export([select], { from: one.from })) {
      if (points >= pointsMax) return { runs, next: { ...one, from: run.from } }
      runs.push(cutRun(run, { stepMax, clockOffsetMs: job.clock_offset_ms ?? 0 }))
      points += run.steps.length
    }
  }
  return { runs, next: null }
}

type Listing = { group: number; chain: readonly BranchPart[]; query: ExportSelection; place: ExportPlace | null }

/** The series still to give, the one at `place` first. Their order does not change when new ones appear. */
async function listSeries({ series }: StorageContext, { group, chain, query, place }: Listing): Promise<ExportPlace[]> {
  const found = await series.latest(selectChain(group, chain, { source: query.source, keys: query.key }))
  const order = (branch: number) => chain.findIndex((part) => part.branch === branch)
  const compare = (one: ExportPlace, other: ExportPlace) =>
    order(one.branch) - order(other.branch) || compareText(one.source, other.source) || compareText(one.key, other.key)
  return found
    .map(({ branch, source, key }): ExportPlace => ({ branch, source, key, from: 0 }))
    .filter((one) => place === null || compare(one, place) >= 0)
    .toSorted(compare)
    .map((one) => (place !== null && compare(one, place) === 0 ? place : one))
}

/** Without what lies behind the fork of a later branch. */
function cutRun(run: SeriesPoints, { stepMax, clockOffsetMs }: { stepMax: number; clockOffsetMs: number }): ExportRun {
  const { branch, source, key, steps } = run
  const isKept = (_: number, row: number): boolean => (steps[row] ?? 0) <= stepMax
  return {
    branch,
    source,
    key,
    steps: steps.filter(isKept),
    times: run.times.filter(isKept).map((time) => time - clockOffsetMs),
    epochs: run.epochs.filter(isKept),
    values: run.values.filter(isKept),
  }
}

function formatRun({ branch, source, key, ...columns }: ExportRun, format: ExportQuery['format']): string {
  const head =
    format === 'csv' ? [branch, quote(source), quote(key)].join() : JSON.stringify({ branch, source, key }).slice(0, -1)
  const lines: string[] = []
  for (let row = 0; row < columns.steps.length; row += 1) {
    const step = columns.steps[row] ?? 0
    const epoch = finiteOrNull(columns.epochs[row])
    const time = columns.times[row] ?? 0
    const value = toWireValue(columns.values[row] ?? Number.NaN)
    lines.push(
      format === 'csv'
        ? `${head},${step},${epoch ?? ''},${time},${value}\n`
        : `${head},"step":${step},"epoch":${epoch ?? 'null'},"time":${time},"value":${JSON.stringify(value)}}\n`,
    )
  }
  return lines.join('')
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
