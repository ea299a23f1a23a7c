/** Whether what is stored of a trainer is what it made: every step once, in order, with its own values and lines. */
import type { ControlRoom } from './control-room.ts'

/** Whom to ask: a control room here, or one on another machine of the lab. */
export type Askable = Pick<ControlRoom, 'ask'>

export type Stored = {
  uid: string
  state: string
  attempts: number
  /** How many steps are there: 0 to this number, each once. */
  steps: number
  lines: number
}

/**
 * Reads everything of the job of this name.
 * @throws Error that says what is missing, doubled or out of order.
 */
export async function readStored(room: Askable, name: string): Promise<Stored> {
  const { uid, state, attempts } = await findJob(room, name)
  const values = await readValues(room, uid, 'value')
  const squares = await readValues(room, uid, 'square')
  values.forEach(({ step, value }, place) => {
    if (step !== place || value !== place * 0.5)
      throw new Error(`${name}: point ${place} is step ${step} with the value ${value}; ${describeHole(values, place)}`)
  })
  const isWhole = squares.length === values.length && squares.every(({ step, value }) => value === step * step)
  if (!isWhole) throw new Error(`${name}: ${squares.length} squares and ${values.length} values do not fit together`)
  const lines = await readLines(room, uid)
  lines.forEach((line, place) => {
    if (line !== `line ${place}`) throw new Error(`${name}: line ${place} reads «${line}»`)
  })
  return { uid, state, attempts, steps: values.length, lines: lines.length }
}

type JobWire = { uid: string; name: string; state: string; attempts: unknown[] }

async function findJob(room: Askable, name: string) {
  const { jobs } = JSON.parse(await room.ask(`/api/jobs?search=${name}&limit=200`)) as { jobs: JobWire[] } // as routes.ts says
  const [card, other] = jobs.filter((job) => job.name === name)
  if (!card || other) throw new Error(`${name}: there are ${other ? 'several such jobs' : 'none such jobs'}`)
  const job = JSON.parse(await room.ask(`/api/jobs/${card.uid}`)) as JobWire // as routes.ts says
  return { uid: job.uid, state: job.state, attempts: job.attempts.length }
}

type Point = { step: number; value: number }

async function readValues(room: Askable, uid: string, key: string): Promise<Point[]> {
  const text = await room.ask(`/api/jobs/${uid}/metrics/export?source=job&key=${key}&format=ndjson`)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Point) // as export-metrics.ts writes
}

async function readLines(room: Askable, uid: string): Promise<string[]> {
  const text = await room.ask(`/api/jobs/${uid}/logs/text`)
  return text.split('\n').filter((line) => line !== '')
}

function describeHole(points: readonly Point[], place: number): string {
  const near = points.slice(Math.max(0, place - 2), place + 3).map(({ step }) => step)
  return `around it ${near.join(', ')} of ${points.length}`
}
