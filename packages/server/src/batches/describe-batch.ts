/** Batches as the page and the terminal see them. Pure. */
import { type BatchCard, type BatchDetail, type Engine, isEndedBatch } from '@pilothouse/contract'
import type { BatchRow } from './batch-rows.ts'
import { type Pace, type PacePoint, choosePaceWindow, estimateLeft, measurePace } from './measure-pace.ts'
import type { BatchParts, PointRow } from './read-operations.ts'
import { nameResultFiles, readFaults, readMetadata } from './to-openai-batch.ts'

/** What is known around a batch. */
export type Surroundings = {
  nowMs: number
  /** Of the last minutes, by time; others do no harm. */
  points: readonly PointRow[]
  engines: readonly Pick<Engine, 'models' | 'health'>[]
  /** Of prices. */
  currency: string
}

export function toCard(row: BatchRow, around: Surroundings): BatchCard {
  const pace = judgePace(row, around)
  const still = row.status === 'in_progress' ? 0 : null
  const left = row.total - row.completed - row.failed
  return {
    id: row.id,
    name: row.name,
    owner: { id: row.owner_id, name: row.owner_name ?? '' },
    status: row.status,
    endpoint: row.endpoint,
    model: row.model,
    priority: row.priority,
    counts: {
      total: row.total,
      completed: row.completed,
      failed: row.failed,
      inputTokens: row.input_tokens,
      cachedTokens: row.cached_tokens,
      outputTokens: row.output_tokens,
      reasoningTokens: row.reasoning_tokens,
    },
    cost: row.cost,
    currency: around.currency,
    requestsPerSecond: pace?.requestsPerSecond ?? still,
    tokensPerSecond: pace?.tokensPerSecond ?? still,
    eta: row.status === 'in_progress' && pace ? estimateLeft(left, pace) : null,
    trouble: findTrouble(row, around),
    createdAt: row.created_ms,
    startedAt: row.in_progress_ms,
    expiresAt: row.expires_ms,
    endedAt: row.ended_ms,
    parentId: row.parent_id,
  }
}

export function toDetail(
  { row, ...parts }: BatchParts,
  around: Omit<Surroundings, 'points' | 'currency'>,
): BatchDetail {
  const { output, error } = nameResultFiles(row)
  return {
    ...toCard(row, { ...around, points: parts.points, currency: parts.currency }),
    inputFileId: row.input_file_id,
    outputFileId: output,
    errorFileId: error,
    completionWindow: row.completion_window,
    metadata: readMetadata(row),
    ordered: row.is_ordered === 1,
    faults: readFaults(row),
    failures: parts.failures.toSorted((a, b) => b.count - a.count),
    history: parts.points.map((point) => ({
      at: point.at_ms,
      completed: point.completed,
      failed: point.failed,
      inputTokens: point.input_tokens,
      outputTokens: point.output_tokens,
    })),
    timeline: readTimeline(row),
    children: parts.children,
    workers: parts.workers,
  }
}

/** Of the last minutes while it is active, else of the whole time in which it was in progress. */
function judgePace(row: BatchRow, { nowMs, points }: Surroundings): Pace | null {
  const { in_progress_ms: startMs } = row
  if (startMs === null) return null
  const start = { atMs: startMs, requests: 0, tokens: 0 }
  // What was never sent counts as failed once a batch is cut short: its pace is that of the answers.
  const isWhole = row.status === 'in_progress' || row.status === 'finalizing' || row.status === 'completed'
  const failed = isWhole ? row.failed : 0
  const now = { requests: row.completed + failed, tokens: row.input_tokens + row.output_tokens }
  if (row.status !== 'in_progress') {
    const untilMs = row.finalizing_ms ?? row.cancelling_ms ?? row.ended_ms ?? nowMs
    return measurePace([start, { ...now, atMs: untilMs }])
  }
  const known = [start, ...points.filter(({ batch_id }) => batch_id === row.id).map(toPacePoint)]
  const recent = known.filter(({ atMs }) => atMs >= nowMs - choosePaceWindow(row.point_every_ms) && atMs < nowMs)
  return measurePace([...recent, { ...now, atMs: nowMs }])
}

function toPacePoint(point: PointRow): PacePoint {
  const { at_ms: atMs, completed, failed, input_tokens: inputTokens, output_tokens: outputTokens } = point
  return { atMs, requests: completed + failed, tokens: inputTokens + outputTokens }
}

function findTrouble({ status, model }: BatchRow, { engines }: Surroundings): string | null {
  if (status !== 'in_progress' || model === null) return null
  if (engines.some(({ models, health }) => health.state === 'healthy' && models.includes(model))) return null
  return `No engine answers for «${model}» now.`
}

function readTimeline(row: BatchRow): BatchDetail['timeline'] {
  const steps = [
    { status: 'validating', at: row.created_ms },
    { status: 'in_progress', at: row.in_progress_ms },
    { status: 'cancelling', at: row.cancelling_ms },
    { status: 'finalizing', at: row.finalizing_ms },
    { status: row.status, at: isEndedBatch(row.status) ? row.ended_ms : null },
  ] as const
  return steps.flatMap(({ status, at }) => (at === null ? [] : [{ status, at }]))
}
