/** Numbers of jobs that span a space: settings that differ, what the script summed up, and results. */
import type { ComparedJob } from '@pilothouse/contract'
import { listMetricKeys, readResult } from '@pilothouse/signals'

/** `id` is how the address names it: `config.lr`, `result.val/loss`. */
export type Measure = { id: string; name: string; values: readonly (number | null)[] }

/** Settings first, in their order; what is the same for all or is no number spans nothing. */
export function listMeasures(jobs: readonly ComparedJob[]): Measure[] {
  const tables = (['config', 'summary'] as const).flatMap((kind) => {
    const records = jobs.map((job) => new Map(Object.entries(job[kind])))
    const names = [...new Set(records.flatMap((record) => [...record.keys()]))]
    return names.map((name) => ({
      id: `${kind}.${name}`,
      name,
      values: records.map((record) => toNumber(record.get(name))),
    }))
  })
  const results = listMetricKeys(jobs).map((key) => ({
    id: `result.${key}`,
    name: key,
    values: jobs.map((job) => readResult(job, key, 'best')),
  }))
  return [...tables, ...results].filter(({ values }) => new Set(values.filter((value) => value !== null)).size > 1)
}

function toNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

type SpaceChoice = {
  x?: string | undefined
  y?: string | undefined
  z?: string | undefined
  colour?: string | undefined
}
export type Space = { x: Measure; y: Measure; z: Measure; colour: Measure }

/** What was chosen, as far as it is there; else three settings and the first result, each once where there are enough. */
export function chooseSpace(measures: readonly Measure[], choice: SpaceChoice): Space | null {
  const find = (id: string | undefined): Measure | undefined => measures.find((one) => one.id === id)
  const chosen = { x: find(choice.x), y: find(choice.y), z: find(choice.z) }
  const colour = find(choice.colour) ?? measures.find(({ id }) => id.startsWith('result.')) ?? measures.at(-1)
  const taken = new Set([chosen.x, chosen.y, chosen.z])
  const free = [...measures.filter((one) => one !== colour), ...(colour ? [colour] : [])].filter(
    (one) => !taken.has(one),
  )
  const next = (): Measure | undefined => free.shift() ?? colour
  const [x, y, z] = [chosen.x ?? next(), chosen.y ?? next(), chosen.z ?? next()]
  return x && y && z && colour ? { x, y, z, colour } : null
}
