import type { BatchChecked, BatchDetail, BatchList } from '@pilothouse/contract'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { viewBatchLine } from './batch-line.ts'
import { viewBatch, viewBatchCheck } from './batch-view.ts'
import { viewBatches } from './batches-view.ts'
import { createPaint } from './paint.ts'

const now = 1_000_000_000
const paint = createPaint({ enabled: false })

function makeBatch(more: Partial<BatchDetail> = {}): BatchDetail {
  return {
    id: `batch_${'0'.repeat(32)}`,
    name: 'prompts.jsonl',
    owner: { id: 1, name: 'ana' },
    status: 'in_progress',
    endpoint: '/v1/chat/completions',
    model: 'small-llama',
    priority: 0,
    counts: {
      total: 10_000,
      completed: 9_996,
      failed: 3,
      inputTokens: 12_000,
      cachedTokens: 3000,
      outputTokens: 500,
      reasoningTokens: 0,
    },
    cost: 1.25,
    currency: 'EUR',
    requestsPerSecond: 41.8,
    tokensPerSecond: 2100,
    eta: { leftMs: 200_000, leftMsMin: 180_000, leftMsMax: 240_000 },
    trouble: null,
    createdAt: now - 600_000,
    startedAt: now - 590_000,
    expiresAt: now + 7_200_000,
    endedAt: null,
    parentId: null,
    inputFileId: 'file-1',
    outputFileId: null,
    errorFileId: null,
    completionWindow: '24h',
    metadata: { run: '7' },
    ordered: false,
    faults: null,
    failures: [
      { code: 'refused', count: 2 },
      { code: 'timeout', count: 1 },
    ],
    history: [],
    timeline: [
      { status: 'validating', at: now - 600_000 },
      { status: 'in_progress', at: now - 590_000 },
    ],
    children: [],
    workers: ['server'],
    ...more,
  }
}

describe('a batch in one line', () => {
  it('says how far it is, and never that all is done before it is', () => {
    expect(viewBatchLine(makeBatch(), { paint, width: 200 }).replaceAll('\u202F', ' ')).toBe(
      '● in_progress  9999 of 10 000, 99 %, 3 failed, 41.8 requests/s, 2100 tokens/s, 3 m 20 s (3 m – 4 m) left',
    )
  })

  it('fits into the terminal, and says what holds it up', () => {
    const batch = makeBatch({ trouble: 'No engine answers for «small-llama».\u001B[2J', eta: null })
    expect(viewBatchLine(batch, { paint, width: 200 })).toMatch(/ {2}! No engine answers for «small-llama»\.$/)
    for (const width of [20, 40, 79])
      expect(stringWidth(viewBatchLine(batch, { paint, width }))).toBeLessThanOrEqual(width)
  })

  it('has nothing to say of an input that is not read yet', () => {
    const counts = { ...makeBatch().counts, total: 0, completed: 0, failed: 0 }
    const unread = { counts, eta: null, requestsPerSecond: null, tokensPerSecond: null, status: 'validating' as const }
    expect(viewBatchLine(makeBatch(unread), { paint, width: 80 })).toBe('◌ validating')
  })
})

it('all of a batch is told, and what there is nothing of is left out', () => {
  const text = viewBatch(makeBatch(), { paint, now }).join('\n').replaceAll('\u202F', ' ')
  expect(text).toContain('99 %  9999 of 10 000 done, 3 failed')
  expect(text).toMatch(
    /\n {2}Tokens +12 000 in \(3000 cached\), 500 out\n {2}Cost +€1\.25\n {2}Failures +2 refused, 1 timeout\n/,
  )
  expect(text).toMatch(/\n {2}Window +24h, it expires in 2 h\n {2}Times +validating 10 s, in_progress 9 m ago\n/)
  expect(text).not.toMatch(/Results|Errors|Retries|Priority|Order/)
})

it('faults of the input are told with their lines, and how many more there are', () => {
  const shown = [{ code: 'empty_batch', message: 'bad\u001B[0m', param: null, line: 3 }]
  const lines = viewBatch(makeBatch({ status: 'failed', faults: { count: 9, shown } }), { paint, now })
  expect(lines.slice(-3)).toEqual(['  ✗ 9 faults in the input', '    line 3: bad (empty_batch)', '    … and 8 more.'])
})

it('an estimate says tokens, cost, time and what comes before', () => {
  const estimate = {
    inputTokens: 10,
    outputTokens: 20,
    cost: null,
    currency: 'EUR',
    durationMs: 60_000,
    position: 2,
    requestsBefore: 500,
  }
  const checked: BatchChecked = { requests: 1, model: 'm', faults: null, refusal: null, estimate }
  expect(viewBatchCheck(checked, paint)).toEqual([
    '✓ 1 request for m, without faults',
    '  Tokens     about 10 in, at most 20 out',
    '  Time       about 1 m',
    '  Before it  2 batches, 500 requests',
  ])
  const refused = viewBatchCheck({ ...checked, estimate: null, refusal: 'Too much waits.' }, paint)
  expect(refused.at(-1)).toBe('✗ Too much waits.')
})

it('a list without batches says how one is made', () => {
  const list: BatchList = { batches: [], hasMore: false, groupCounts: { active: 0, completed: 2, failed: 0 } }
  expect(viewBatches(list, { paint, width: 100, now })).toEqual([
    'No batch here: 0 active, 2 completed, 0 failed. «pilothouse batch submit FILE» makes one.',
  ])
})
