/** Raw points as text, a slice a call. A slice ends inside a series, so the place to go on is a name and a point's number. */
import type { SeriesPoints } from '@pilothouse/series'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { findJob } from '../jobs/find-job.ts'
import { type BranchPart, findChain } from './branch-chain.ts'
import { selectChain } from './query-metrics.ts'
import { finiteOrNull, toWireValue } from './wire-numbers.ts'

/** Points in one slice: about 1.5 MB of text and 15 ms. */
const pointsMax = 20_000

export type ExportQuery = {
  key?: string[] | undefined
  source: string
  branch?: number | undefined
  format: 'csv' | 'ndjson'
}
/** The next point to give. */
export type ExportPlace = { branch: number; source: string; key: string; from: number }
export type ExportSlice = { bytes: Uint8Array; next: ExportPlace | null }

/** The first line of a CSV. */
export const csvHead = 'branch,source,key,step,epoch,time,value\n'

/** Points from `place` on; null begins. Branches oldest first, then by source and key, then in order of arrival. */
export const exportMetrics: Operation<
  { uid: string; query: ExportQuery; place: ExportPlace | null },
  ExportSlice
> = async (context, input) => {
  const { query, place } = input
  const job = await findJob(context.db, input.uid)
  const chain = await findChain(context.db, job, query.branch)
  const waiting = await listSeries(context, { group: job.id, chain, query, place })
  const texts: string[] = []
  let points = 0
  for (const one of waiting) {
    const part = chain.find(({ branch }) => branch === one.branch)
    const select = { group: job.id, branch: one.branch, source: one.source, keys: [one.key] }
    // A long series takes many slices: each goes on where the last one ended, without reading what was given.
    for await (const run of context.series.export([select], { from: one.from })) {
      if (points >= pointsMax) return { bytes: encode(texts), next: { ...one, from: run.from } }
      texts.push(
        formatRun(run, {
          stepMax: part?.stepMax ?? Infinity,
          format: query.format,
          clockOffsetMs: job.clock_offset_ms ?? 0,
        }),
      )
      points += run.steps.length
    }
  }
  return { bytes: encode(texts), next: null }
}

type Listing = { group: number; chain: readonly BranchPart[]; query: ExportQuery; place: ExportPlace | null }

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

type RunFormat = { stepMax: number; format: 'csv' | 'ndjson'; clockOffsetMs: number }

function formatRun(run: SeriesPoints, { stepMax, format, clockOffsetMs }: RunFormat): string {
  const { branch, source, key } = run
  const head =
    format === 'csv' ? [branch, quote(source), quote(key)].join() : JSON.stringify({ branch, source, key }).slice(0, -1)
  const lines: string[] = []
  for (let row = 0; row < run.steps.length; row += 1) {
    const step = run.steps[row] ?? 0
    if (step > stepMax) continue
    const epoch = finiteOrNull(run.epochs[row])
    const time = (run.times[row] ?? 0) - clockOffsetMs
    const value = toWireValue(run.values[row] ?? Number.NaN)
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

function encode(texts: readonly string[]): Uint8Array {
  return new TextEncoder().encode(texts.join(''))
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
