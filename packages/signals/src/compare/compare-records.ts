/** One name over several jobs. */
export type ComparedRow<Value> = {
  name: string
  /** One for each job; undefined where it has none. */
  values: readonly (Value | undefined)[]
  /** Not all have the same, or some have none. */
  differs: boolean
  /** Jobs whose value is not the one that most have; none where no value is more common than the others. */
  odd: readonly boolean[]
}

/** Lines up records by name, in the order in which names turn up. Values are equal when they are the same value. */
export function compareRecords<Value extends string | number | boolean | null>(
  records: readonly Readonly<Record<string, Value>>[],
): ComparedRow<Value>[] {
  const tables = records.map((record) => new Map(Object.entries(record)))
  const names = new Set(tables.flatMap((table) => [...table.keys()]))
  return [...names].map((name) => {
    const values = tables.map((table) => table.get(name))
    return { name, values, differs: values.some((value) => value !== values[0]), odd: findOdd(values) }
  })
}

function findOdd<Value>(values: readonly Value[]): boolean[] {
  const counts = new Map<Value, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const ranked = [...counts].sort(([, a], [, b]) => b - a)
  const [first, second] = ranked
  const isClear = first !== undefined && first[1] > (second?.[1] ?? 0)
  return values.map((value) => isClear && value !== first[0])
}
