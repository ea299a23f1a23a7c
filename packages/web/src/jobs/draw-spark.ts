export const sparkWidth = 240
export const sparkHeight = 40

/** Paths of the line and of the area below it. */
export function drawSpark(values: readonly (number | null)[]): { line: string; area: string } {
  const finite = values.filter((value): value is number => value !== null && Number.isFinite(value))
  const low = Math.min(...finite)
  const high = Math.max(...finite)
  const spread = high - low || 1
  const placeX = (at: number): number => (values.length < 2 ? sparkWidth : (at / (values.length - 1)) * sparkWidth)
  const placeY = (value: number): number =>
    high === low ? sparkHeight / 2 : 2 + (1 - (value - low) / spread) * (sparkHeight - 4)
  const runs = splitRuns(values)
  const lines = runs.map(
    (run) => `M${run.map(({ at, value }) => `${round(placeX(at))} ${round(placeY(value))}`).join('L')}`,
  )
  const areas = runs.map((run, index) => {
    const first = run[0]?.at ?? 0
    const last = run.at(-1)?.at ?? 0
    return `${lines[index] ?? ''}L${round(placeX(last))} ${sparkHeight}L${round(placeX(first))} ${sparkHeight}Z`
  })
  return { line: lines.join(''), area: areas.join('') }
}

function splitRuns(values: readonly (number | null)[]): { at: number; value: number }[][] {
  const runs: { at: number; value: number }[][] = []
  let open: { at: number; value: number }[] | undefined
  values.forEach((value, at) => {
    if (value === null || !Number.isFinite(value)) {
      open = undefined
      return
    }
    if (!open) runs.push((open = []))
    open.push({ at, value })
  })
  return runs
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
