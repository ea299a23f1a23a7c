/** Curves of an old file as blocks of points. Pure. Nothing is made up: no curve, no points. */
import type { PointBlock } from '@pilothouse/contract'
import { isObject, toNumber, type ValueReader } from './value-readers.ts'

export type History = { blocks: PointBlock[]; rows: number; lacks: string[] }
export type HistoryTimes = { time: ValueReader<number>; fallback: number }

type Row = { step: number | undefined; epoch: number | undefined; at: number | undefined; values: [string, number][] }

const stepNames = ['step', 'global_step', 'globalstep', 'iteration', 'iter', 'x']
const epochNames = ['epoch', 'epochs']
const timeNames = ['time', 'timestamp', 'at', 'date', 'created_at']

/** Points in one job. Beyond: refused by the report that they are sent in. */
const valuesMax = 1_000_000

/** A list of rows `{step, loss, …}`, or lists by name `{loss: […], step: […]}`; undefined for anything else. */
export function readHistory(value: unknown, times: HistoryTimes): History | undefined {
  const rows = Array.isArray(value) ? readRows(value, times) : isObject(value) ? readColumns(value, times) : undefined
  if (rows === undefined || rows.length === 0) return undefined
  const lacks = [
    ...(rows.every(({ step }) => step === undefined) ? ['steps of the curve: its points are numbered from 1'] : []),
    ...(rows.every(({ at }) => at === undefined) ? ['times of the curve'] : []),
  ]
  return { blocks: makeBlocks(rows, times.fallback), rows: rows.length, lacks }
}

function readRows(list: readonly unknown[], { time }: HistoryTimes): Row[] | undefined {
  const rows = list.map((entry): Row | undefined => {
    const bare = toNumber(entry)
    if (bare !== undefined) return { step: undefined, epoch: undefined, at: undefined, values: [['loss', bare]] }
    if (!isObject(entry)) return undefined
    const values = listNumbers(entry)
    const step = pick(values, stepNames)
    const epoch = pick(values, epochNames)
    const at = timeNames.map((name) => time.read(entry[name])).find((one) => one !== undefined)
    const own = values.filter(([name]) => ![...stepNames, ...epochNames, ...timeNames].includes(name.toLowerCase()))
    return own.length === 0 ? undefined : { step, epoch, at, values: own }
  })
  return rows.every((row) => row !== undefined) ? rows : undefined
}

function readColumns(value: Record<string, unknown>, { time }: HistoryTimes): Row[] | undefined {
  const columns = Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]))
  const places = [...stepNames, ...epochNames, ...timeNames]
  const curves = columns.filter(([name]) => !places.includes(name.toLowerCase()))
  const length = Math.max(0, ...curves.map(([, list]) => list.length))
  if (length * curves.length > valuesMax) return undefined
  const column = (names: readonly string[]) => columns.find(([name]) => names.includes(name.toLowerCase()))?.[1]
  const [steps, epochs, whens] = [column(stepNames) ?? column(['steps']), column(epochNames), column(timeNames)]
  const rows = Array.from({ length }, (_, at): Row => ({
    step: finite(steps?.[at]),
    epoch: finite(epochs?.[at]),
    at: time.read(whens?.[at]),
    values: curves
      .filter(([name]) => name !== 'steps')
      .flatMap(([name, list]): [string, number][] => {
        const number = toNumber(list[at])
        return number === undefined ? [] : [[name, number]]
      }),
  }))
  return rows.filter(({ values }) => values.length > 0)
}

/** Rows with the same keys that follow each other share a block. */
function makeBlocks(rows: readonly Row[], fallback: number): PointBlock[] {
  const blocks: { keys: string[]; steps: number[]; times: number[]; epochs?: number[]; values: number[][] }[] = []
  let at = fallback
  for (const [index, row] of rows.entries()) {
    at = row.at ?? at
    const keys = row.values.map(([key]) => key)
    const last = blocks.at(-1)
    const fits =
      last !== undefined && (last.epochs === undefined) === (row.epoch === undefined) && sameKeys(last.keys, keys)
    const block = fits
      ? last
      : { keys, steps: [], times: [], values: keys.map(() => []), ...(row.epoch === undefined ? {} : { epochs: [] }) }
    if (!fits) blocks.push(block)
    block.steps.push(row.step ?? index + 1)
    block.times.push(at)
    if (row.epoch !== undefined) block.epochs?.push(row.epoch)
    for (const [column, [, value]] of row.values.entries()) block.values[column]?.push(value)
  }
  return blocks.map((block) => ({ source: 'job', ...block }))
}

function sameKeys(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((key, at) => key === other[at])
}

function listNumbers(entry: Record<string, unknown>): [string, number][] {
  return Object.entries(entry).flatMap(([name, value]): [string, number][] => {
    const number = toNumber(value)
    return number === undefined || name === '' ? [] : [[name, number]]
  })
}

function pick(values: readonly [string, number][], names: readonly string[]): number | undefined {
  return finite(values.find(([name]) => names.includes(name.toLowerCase()))?.[1])
}

function finite(value: unknown): number | undefined {
  const number = toNumber(value)
  return number !== undefined && Number.isFinite(number) ? number : undefined
}
