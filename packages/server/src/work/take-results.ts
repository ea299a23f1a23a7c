/** What a delivery adds to a batch. Pure. */
import type { WorkResult } from '@pilothouse/contract'
import { hasBit, readBits } from './bitmap.ts'
import { formatResult } from './result-line.ts'
import type { ResultLines } from './result-files.ts'
import type { EngineTokens, Letter, ResultCommit } from './result-operations.ts'

/** A result that its request does not have yet. `place` is that in the shard. */
export type FreshResult = { place: number; result: WorkResult }

type Shard = { count: number; done: string; /** Places in the input. */ order: readonly number[] }

/** Results that are new, the first of each request; null where one is of no request of the shard. */
export function chooseFresh(results: readonly WorkResult[], { count, done, order }: Shard): FreshResult[] | null {
  const bits = readBits(done, count)
  const places = new Map(order.map((at, place) => [at, place]))
  const fresh = new Map<number, FreshResult>()
  for (const result of results) {
    const place = places.get(result.at)
    if (place === undefined) return null
    if (!hasBit(bits, place) && !fresh.has(place)) fresh.set(place, { place, result })
  }
  return [...fresh.values()]
}

export type Taken = Pick<ResultCommit, 'done' | 'completed' | 'failed' | 'tokens' | 'letters'> & { lines: ResultLines }

/** `requests`: of each fresh result. */
export function takeResults(
  batchId: string,
  fresh: readonly FreshResult[],
  requests: readonly { line: number; customId: string }[],
): Taken {
  const lines = { output: new Array<string>(), error: new Array<string>() }
  const letters: Letter[] = []
  for (const [n, { result }] of fresh.entries()) {
    const { line, customId } = requests[n] ?? { line: 0, customId: '' }
    const { at, outcome, attempts, tookMs } = result
    const text = formatResult({ batchId, at, customId }, outcome)
    if (outcome.kind === 'answered') lines.output.push(text)
    else {
      const { code, message, status } = outcome
      lines.error.push(text)
      letters.push({ line, at, customId, code, message, status, attempts, tookMs })
    }
  }
  return {
    done: fresh.map(({ place }) => place),
    completed: lines.output.length,
    failed: lines.error.length,
    tokens: addTokens(fresh),
    letters,
    lines,
  }
}

function addTokens(fresh: readonly FreshResult[]): EngineTokens[] {
  const byEngine = new Map<number | null, EngineTokens>()
  for (const { result } of fresh) {
    const { engineId, outcome } = result
    const usage = outcome.kind === 'answered' ? outcome.usage : null
    if (!usage) continue
    const before = byEngine.get(engineId)
    byEngine.set(engineId, {
      engineId,
      inputTokens: (before?.inputTokens ?? 0) + usage.inputTokens,
      cachedTokens: (before?.cachedTokens ?? 0) + usage.cachedTokens,
      outputTokens: (before?.outputTokens ?? 0) + usage.outputTokens,
      reasoningTokens: (before?.reasoningTokens ?? 0) + usage.reasoningTokens,
    })
  }
  return [...byEngine.values()]
}
