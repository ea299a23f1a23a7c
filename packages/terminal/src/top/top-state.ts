/** What the screen shows, whoever tells it: a control room, or a provider asked by the screen itself. Plain data. */
import type { Health } from '@pilothouse/signals'

/** A job, or a rented machine, as one row. null: nobody said. */
export type TopRow = {
  /** Of its source: uid of a job, `vast:30007012` for a machine. */
  id: string
  /** As short as can be told apart. */
  shortId: string
  name: string
  kind: 'job' | 'instance'
  /** What it belongs to, for groups: project of a job, provider of a machine. */
  group: string
  owner: string | null
  target: string | null
  gpuName: string | null
  gpuCount: number
  /** In its own word: `running`, `loading`, `created` … */
  state: string
  isActive: boolean
  isError: boolean
  health: Health
  epoch: number | null
  epochs: number | null
  step: number | null
  steps: number | null
  /** 0–1 */
  progress: number | null
  gpuUse: number | null
  /** %, of the GPUs' memory. */
  memoryUse: number | null
  loss: number | null
  lossKey: string | null
  perHour: number | null
  cost: number | null
  /** An estimate until the provider has billed it. */
  costIs: 'estimate' | 'charged' | 'rated'
  currency: string | null
  etaMs: number | null
  /** Cost at its end, by its ETA. */
  costAtEnd: number | null
  startedAt: number | null
  /** When this was known, ms. */
  seenAt: number
  /** Why it is not newer, one sentence. */
  trouble: string | null
  /** What may be done to it here. */
  can: readonly TopAction[]
}

export const topActions = ['stop', 'checkpoint', 'pause', 'resume'] as const
export type TopAction = (typeof topActions)[number]

export type TopLine = { rowId: string; at: number; text: string }

/** Bounded: at most `curvePointsMax` values each, thinned as they grow. */
export type TopCurve = { key: string; unit: 'number' | '%'; times: number[]; values: number[] }
export const curvePointsMax = 512

export type TopDetail = {
  rowId: string
  curves: TopCurve[]
  stages: { name: string; state: string; progress: number | null }[]
  parameters: { name: string; value: string }[]
  checkpoints: { name: string; step: number | null; at: number; metric: string | null }[]
  facts: { name: string; value: string }[]
}

/** `refused`: it answers, and does not let whoever asks in; it will refuse again. `away`: it may answer the next time. */
export type TroubleKind = 'refused' | 'away'

export type TopUpdate =
  /** All rows as they are now. */
  | { type: 'rows'; rows: readonly TopRow[]; at: number }
  /** New lines, the oldest first. */
  | { type: 'lines'; lines: readonly TopLine[] }
  | { type: 'detail'; detail: TopDetail }
  /** What it is told of, e.g. an epoch that completed; shown for a while and printed in line output. */
  | { type: 'event'; at: number; level: 'info' | 'warning' | 'error'; text: string }
  /** Whether its source answers; null: it does. */
  | { type: 'trouble'; text: string | null; at: number; kind?: TroubleKind }

/** Where rows come from. It never throws after `start`: what goes wrong is told as trouble, the last known stays. */
export type TopSource = {
  /** As the header names it: `control room http://…`, `vast.ai`, `mock: invented machines`. */
  readonly label: string
  /** It is asked at most so often, ms; null: it tells by itself. */
  readonly floorMs: number | null
  start(tell: (update: TopUpdate) => void): void
  /** Asks now. */
  refresh(): void
  /** Which row's details and log are wanted; null: none. */
  watch(rowId: string | null): void
  /** @returns what happened, one sentence. @throws Error with a message for people */
  act(rowId: string, action: TopAction): Promise<string>
  close(): Promise<void>
}
