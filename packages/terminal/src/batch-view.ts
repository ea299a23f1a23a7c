import type { BatchChecked, BatchDetail, BatchLog, DeadLetter } from '@pilothouse/contract'
import { isEndedBatch } from '@pilothouse/contract/wire'
import { formatCount, formatDuration, formatMoney, formatRelativeTime, sanitizeForTerminal } from '@pilothouse/signals'
import { describeEta, describeSpeed, paintStatus, readPercent } from './batch-style.ts'
import type { Paint } from './paint.ts'

type View = { paint: Paint; now: number }
type Row = [name: string, value: string | null]

const barCells = 24

/** All of a batch: how far it is, how fast, what it took, what failed, and what became of it when. */
export function viewBatch(batch: BatchDetail, { paint, now }: View): string[] {
  const { id, name, status, counts, trouble } = batch
  const done = `${formatCount(counts.completed + counts.failed)} of ${formatCount(counts.total)} done`
  const bar = `${drawBar(readPercent(counts))} ${readPercent(counts)} %  ${done}, ${formatCount(counts.failed)} failed`
  return [
    `${paintStatus(status, paint)}  ${sanitizeForTerminal(`${id}  ${name}`)}`,
    ...(counts.total === 0 ? [] : [`  ${bar}`]),
    ...(trouble === null ? [] : [`  ${paint('yellow', `! ${sanitizeForTerminal(trouble)}`)}`]),
    ...viewRows([...listWork(batch, now), ...listFiles(batch)], paint),
    ...viewFaults(batch.faults, paint).map((line) => `  ${line}`),
  ]
}

function listWork(batch: BatchDetail, now: number): Row[] {
  const { model, endpoint, eta, counts, cost, currency, failures, workers, priority, ordered, status } = batch
  const cached = counts.cachedTokens === 0 ? '' : ` (${formatCount(counts.cachedTokens)} cached)`
  const reasoning = counts.reasoningTokens === 0 ? '' : ` (${formatCount(counts.reasoningTokens)} of reasoning)`
  const ends = isEndedBatch(status) ? '' : `, it expires ${formatRelativeTime(batch.expiresAt, now)}`
  return [
    ['Model', `${model ?? 'not known yet'} at ${endpoint}`],
    ['Speed', describeSpeed(batch)],
    ['Left', eta && describeEta(eta)],
    ['Tokens', `${formatCount(counts.inputTokens)} in${cached}, ${formatCount(counts.outputTokens)} out${reasoning}`],
    ['Cost', cost === null ? null : formatMoney(cost, currency)],
    ['Failures', failures.map(({ code, count }) => `${formatCount(count)} ${code}`).join(', ') || null],
    ['Workers', workers.join(', ') || null],
    ['Priority', priority === 0 ? null : String(priority)],
    ['Order', ordered ? 'results stand in the order of the input' : null],
    ['Window', `${batch.completionWindow}${ends}`],
    ['Times', describeTimeline(batch.timeline, now)],
  ]
}

function listFiles({
  owner,
  inputFileId,
  outputFileId,
  errorFileId,
  metadata,
  parentId,
  children,
}: BatchDetail): Row[] {
  const pairs = Object.entries(metadata ?? {}).map(([key, value]) => `${key}=${value}`)
  return [
    ['Owner', owner.name],
    ['Metadata', pairs.join(', ') || null],
    ['Input', inputFileId],
    ['Results', outputFileId],
    ['Errors', errorFileId],
    ['Retries', parentId],
    ['Retried by', children.map(({ id, status }) => `${id} (${status})`).join(', ') || null],
  ]
}

function viewRows(rows: readonly Row[], paint: Paint): string[] {
  const shown = rows.filter(([, value]) => value !== null)
  const width = Math.max(...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `  ${paint('dim', name.padEnd(width))}  ${sanitizeForTerminal(value ?? '')}`)
}

function drawBar(percent: number): string {
  const full = Math.floor((barCells * percent) / 100)
  return '█'.repeat(full) + '░'.repeat(barCells - full)
}

/** `validating 3 s, in_progress 12 m, completed 5 m ago`: how long each lasted, and since when the last one. */
function describeTimeline(timeline: BatchDetail['timeline'], now: number): string | null {
  const parts = timeline.map(({ status, at }, place) => {
    const next = timeline[place + 1]
    return `${status} ${next === undefined ? formatRelativeTime(at, now) : formatDuration(Math.max(0, next.at - at))}`
  })
  return parts.join(', ') || null
}

function viewFaults(faults: BatchDetail['faults'], paint: Paint): string[] {
  if (faults === null) return []
  const shown = faults.shown.map(({ line, code, message }) =>
    sanitizeForTerminal(`${line === null ? '' : `line ${line}: `}${message} (${code})`),
  )
  const rest = faults.count - shown.length
  return [
    paint('red', `✗ ${formatCount(faults.count)} ${faults.count === 1 ? 'fault' : 'faults'} in the input`),
    ...shown.map((text) => `  ${text}`),
    ...(rest > 0 ? [paint('dim', `  … and ${formatCount(rest)} more.`)] : []),
  ]
}

/** What would come of a batch. */
export function viewBatchCheck({ requests, model, faults, refusal, estimate }: BatchChecked, paint: Paint): string[] {
  const count = `${formatCount(requests)} ${requests === 1 ? 'request' : 'requests'}`
  const what = `${count}${model === null ? '' : ` for ${sanitizeForTerminal(model)}`}`
  return [
    ...(faults === null ? [`${paint('green', '✓')} ${what}, without faults`] : [what, ...viewFaults(faults, paint)]),
    ...(refusal === null ? [] : [`${paint('red', '✗')} ${sanitizeForTerminal(refusal)}`]),
    ...(estimate === null ? [] : viewRows(listEstimate(estimate), paint)),
  ]
}

function listEstimate(estimate: NonNullable<BatchChecked['estimate']>): Row[] {
  const { inputTokens, outputTokens, cost, currency, durationMs, position, requestsBefore } = estimate
  return [
    ['Tokens', `about ${formatCount(inputTokens)} in, at most ${formatCount(outputTokens)} out`],
    ['Cost', cost === null ? null : `at most ${formatMoney(cost, currency)}`],
    ['Time', durationMs === null ? 'not known yet' : `about ${formatDuration(durationMs)}`],
    [
      'Before it',
      position === 0 ? 'nothing' : `${formatCount(position)} batches, ${formatCount(requestsBefore)} requests`,
    ],
  ]
}

/** Requests that have failed for good, with why. */
export function viewDeadLetters(letters: readonly DeadLetter[], paint: Paint): string[] {
  return letters.flatMap(({ line, customId, code, message, status, attempts, tookMs }) => {
    const times = `${formatCount(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'} in ${formatDuration(tookMs)}`
    const reason = paint('red', `${code}${status === null ? '' : ` ${status}`}`)
    return [
      `line ${line}  ${sanitizeForTerminal(customId)}  ${reason}  ${paint('dim', times)}`,
      `    ${sanitizeForTerminal(message.replaceAll(/\s*\n\s*/g, ' '))}`,
    ]
  })
}

const levelStyles = { info: null, warning: 'yellow', error: 'red' } as const

/** What happened to a batch, with local times. */
export function viewBatchLog({ lines }: BatchLog, paint: Paint): string[] {
  return lines.map(({ at, level, text }) => {
    const style = levelStyles[level]
    const words = sanitizeForTerminal(text)
    return `${paint('dim', formatTime(at))}  ${style === null ? words : paint(style, words)}`
  })
}

/** `2026-03-01 14:05:09`, local. */
function formatTime(at: number): string {
  const date = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join('-')
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`
}
