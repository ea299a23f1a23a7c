import type { WorkerView } from '@pilothouse/dispatch'
import type { Worker } from '@pilothouse/dispatch/sending'
import { viewWorker, type WorkerStatus } from '@pilothouse/terminal'
import type { World } from './world.ts'

/** How often it is looked at, and how often counts are told without a terminal, ms. */
const lookMs = 1000
const tellMs = 10_000
/** Rates are those of so many looks, the last ones. */
const looksMax = 10

type Look = { at: number; answered: number; failed: number; tokens: number }

type Watching = { isJson: boolean; world: World }
export type WorkerWatch = { status(): WorkerStatus; end(): void }

/** Tells how a worker does until it is ended: over one line on a terminal, a line for each change otherwise; as JSON also at the end. */
export function watchWorker(worker: Pick<Worker, 'view'>, { isJson, world }: Watching): WorkerWatch {
  const looks: Look[] = []
  const look = (): WorkerStatus => {
    const view = worker.view()
    looks.push(takeLook(view, world.now()))
    if (looks.length > looksMax) looks.shift()
    return readStatus(view, looks)
  }
  const tell = makeTeller({ isJson, world })
  const timer = setInterval(() => tell(look()), lookMs)
  return {
    status: () => readStatus(worker.view(), looks),
    end: () => {
      clearInterval(timer)
      if (isJson) world.stdout.write(`${JSON.stringify(look())}\n`)
    },
  }
}

function takeLook({ seats }: WorkerView, at: number): Look {
  const sum = (pick: (seat: WorkerView['seats'][number]) => number): number =>
    seats.reduce((total, seat) => total + pick(seat), 0)
  return {
    at,
    answered: sum((seat) => seat.answered),
    failed: sum((seat) => seat.failed),
    tokens: sum((seat) => seat.tokens),
  }
}

/** How it stands, with rates from the first of these looks on. */
export function readStatus(view: WorkerView, looks: readonly Look[]): WorkerStatus {
  const last = looks.at(-1)
  const first = looks[0]
  const seconds = first && last ? (last.at - first.at) / 1000 : 0
  const rate = (pick: (look: Look) => number): number =>
    first && last && seconds > 0 ? Math.max(0, pick(last) - pick(first)) / seconds : 0
  const { answered, failed } = takeLook(view, 0)
  return {
    leases: view.leases.length,
    batches: new Set(view.leases.map(({ batchId }) => batchId)).size,
    inFlight: view.inFlight,
    answered,
    failed,
    requestsPerSecond: rate((look) => look.answered + look.failed),
    tokensPerSecond: rate(({ tokens }) => tokens),
  }
}

function makeTeller({ isJson, world }: Watching): (status: WorkerStatus) => void {
  const { stdout, stderr, now } = world
  let told: { status: WorkerStatus; at: number } | undefined
  return (status) => {
    const isOver = stderr.isTerminal && !isJson
    if (!isOver && told !== undefined && !isNews(told, { status, at: now() })) return
    told = { status, at: now() }
    if (isJson) stdout.write(`${JSON.stringify(status)}\n`)
    else
      stderr.write(
        `${isOver ? '\r\u001B[K' : ''}${viewWorker(status, { paint: stderr.paint, width: stderr.width() - 1 })}${isOver ? '' : '\n'}`,
      )
  }
}

type Told = { status: WorkerStatus; at: number }

/** That work begins or ends is told at once; other changes now and then. */
export function isNews(before: Told, next: Told): boolean {
  if ((before.status.leases === 0) !== (next.status.leases === 0)) return true
  return next.at - before.at >= tellMs && JSON.stringify(before.status) !== JSON.stringify(next.status)
}
