/** Rows of a W&B history as points. Pure. What is no number (media, tables, texts, nested values) is left out. */
import { type PointBlock, reportKey } from '@pilothouse/contract'

export type HistoryRows = {
  rows: number
  /** The highest step; null without a row. */
  lastStep: number | null
  blocks: PointBlock[]
}

/** Where trainers keep their own step: W&B counts calls of `log`, which is not the same. */
const stepKeys = ['train/global_step', 'trainer/global_step', 'global_step'] as const
const epochKeys = ['train/epoch', 'epoch'] as const

type Row = Record<string, unknown>
type Column = { steps: number[]; times: number[]; epochs: (number | null)[]; values: number[] }

/** @param options.from rows before this step are left out @param options.prefix is put before the names of metrics */
export function readHistory(lines: readonly string[], options: { from: number; prefix: string }): HistoryRows {
  const columns = new Map<string, Column>()
  let rows = 0
  let lastStep: number | null = null
  let lastTime = 0
  for (const line of lines) {
    const row = parseRow(line)
    const own = row && readNumber(row['_step'])
    if (!row || own === undefined || !Number.isSafeInteger(own) || own < options.from) continue
    rows += 1
    lastStep = Math.max(lastStep ?? own, own)
    const seconds = readNumber(row['_timestamp'])
    if (seconds !== undefined && Number.isFinite(seconds)) lastTime = Math.round(seconds * 1_000)
    const step = findNumber(row, stepKeys) ?? own
    addRow(columns, row, { step, time: lastTime, epoch: findNumber(row, epochKeys) ?? null, prefix: options.prefix })
  }
  return { rows, lastStep, blocks: toBlocks(columns) }
}

/** What a run says of itself at its end, without what is no plain value and what W&B keeps for itself. */
export function readSummary(text: string | null): Record<string, number | string | boolean> {
  const summary = parseRow(text ?? '{}') ?? {}
  const plain: Record<string, number | string | boolean> = {}
  for (const [key, value] of Object.entries(summary)) {
    const number = readNumber(value)
    if (key.startsWith('_') || !reportKey.safeParse(key).success) continue
    if (number !== undefined) plain[key] = Number.isFinite(number) ? number : String(number)
    else if (typeof value === 'boolean' || (typeof value === 'string' && value.length <= 1_000)) plain[key] = value
  }
  return plain
}

type Place = { step: number; time: number; epoch: number | null; prefix: string }

function addRow(columns: Map<string, Column>, row: Row, { step, time, epoch, prefix }: Place): void {
  for (const [name, value] of Object.entries(row)) {
    const number = name.startsWith('_') ? undefined : readNumber(value)
    const key = prefix + name
    if (number === undefined || name === '' || !reportKey.safeParse(key).success) continue
    const column = columns.get(key) ?? { steps: [], times: [], epochs: [], values: [] }
    columns.set(key, column)
    column.steps.push(step)
    column.times.push(time)
    column.epochs.push(epoch)
    column.values.push(number)
  }
}

/** Metrics with the same rows in one block. */
function toBlocks(columns: ReadonlyMap<string, Column>): PointBlock[] {
  const together = Map.groupBy(columns, ([, { steps, times }]) => `${steps.join(' ')}|${times.join(' ')}`)
  return [...together.values()].flatMap((members) => {
    const [first] = members
    if (!first) return []
    const { steps, times, epochs } = first[1]
    const known = epochs.filter((epoch) => epoch !== null)
    return {
      source: 'job',
      keys: members.map(([key]) => key),
      steps,
      times,
      ...(known.length === epochs.length ? { epochs: known } : {}),
      values: members.map(([, { values }]) => values),
    }
  })
}

function findNumber(row: Row, keys: readonly string[]): number | undefined {
  return keys.map((key) => readNumber(row[key])).find((value) => value !== undefined && Number.isFinite(value))
}

/** JSON has no word for numbers that are not finite: W&B writes them as texts. */
function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined
}

/** Rows that a client wrote without care have bare words for them. */
const bareWord = /([:[,]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g

function parseRow(line: string): Row | undefined {
  const value = parse(line) ?? parse(line.replace(bareWord, '$1"$2"'))
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : undefined // an object
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
