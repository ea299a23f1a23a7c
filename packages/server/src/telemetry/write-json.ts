/** Points as one JSON document: `{"job": …, "columns": […], "series": [{"branch", "source", "key", "points": [[…], …]}, …]}`. */
import type { ExportRun } from './export-metrics.ts'
import { finiteOrNull, toWireValue } from './wire-numbers.ts'

/** Text after text, a run at a time: a series may have many. */
export async function* writeJson(job: string, runs: AsyncIterable<readonly ExportRun[]>): AsyncGenerator<Buffer> {
  let open: string | undefined
  let isEmpty = true
  yield Buffer.from(`{"job":${JSON.stringify(job)},"columns":["step","epoch","time","value"],"series":[`)
  for await (const slice of runs) {
    const texts: string[] = []
    for (const run of slice) {
      const { branch, source, key } = run
      const name = JSON.stringify({ branch, source, key }).slice(0, -1)
      if (name !== open) {
        texts.push(`${open === undefined ? '\n' : '\n]},\n'}${name},"points":[`)
        open = name
        isEmpty = true
      }
      for (let row = 0; row < run.steps.length; row += 1) {
        texts.push(isEmpty ? '\n' : ',\n', formatPoint(run, row))
        isEmpty = false
      }
    }
    yield Buffer.from(texts.join(''))
  }
  yield Buffer.from(open === undefined ? ']}\n' : '\n]}\n]}\n')
}

/** NaN and infinities as words, as everywhere in JSON. */
function formatPoint({ steps, epochs, times, values }: ExportRun, row: number): string {
  const value = JSON.stringify(toWireValue(values[row] ?? Number.NaN))
  return `[${steps[row] ?? 0},${finiteOrNull(epochs[row]) ?? 'null'},${times[row] ?? 0},${value}]`
}
