/** `pilothouse top --once`: what is known after a first round, as a table or as JSON. */
import {
  realTimers,
  type TopRow,
  type TopSource,
  type TopTimers,
  type TroubleKind,
  viewTopOnce,
} from '@pilothouse/terminal/top'
import { CommandError } from '../exit-code.ts'
import type { Asked } from './opened-source.ts'
import type { World } from '../world.ts'

/** For so long a source may take for its first rows, and after those for what its machines say, ms. */
const firstMsMax = 45_000
const settleMs = 2_500

/** @throws CommandError where there is nothing to show: `refused` by its source, `noServer` where a control room does not answer, else `failed` */
export async function printOnce(
  source: TopSource,
  { stdout }: Pick<World, 'stdout'>,
  { json, asks, timers = realTimers }: { json: boolean; asks: Asked; timers?: TopTimers },
): Promise<void> {
  const { rows, trouble, kind } = await readOnce(source, timers)
  if (rows === null) throw describeNothing(source, { trouble, kind, asks })
  if (json) stdout.write(`${JSON.stringify({ source: source.label, rows, trouble }, writeNumber)}\n`)
  else stdout.write(`${viewTopOnce(rows, stdout.width()).join('\n')}\n`)
}

type Nothing = { trouble: string | null; kind: TroubleKind | null; asks: Asked }

function describeNothing(source: TopSource, { trouble, kind, asks }: Nothing): CommandError {
  const what = trouble ?? `${source.label} has told nothing within ${firstMsMax / 1_000} s.`
  if (kind === 'refused') return new CommandError('refused', what, { next: refusedNext[asks] })
  if (kind === 'away' && asks === 'controlRoom') return new CommandError('noServer', what, { next: awayNext })
  return new CommandError('failed', what)
}

const refusedNext = {
  providers:
    'Put a key that is taken where the old one is: VAST_API_KEY or ~/.config/vastai/vast_api_key; RUNPOD_API_KEY or ~/.runpod/config.toml.',
  controlRoom: 'Name another token by --token, --token-file or PILOTHOUSE_TOKEN; `pilothouse token create` makes one.',
} as const
const awayNext = 'Start it with `pilothouse serve`, or name another one by --url.'

/** Waits for rows, and then for what looks at them bring. */
async function readOnce(
  source: TopSource,
  timers: TopTimers,
): Promise<{ rows: readonly TopRow[] | null; trouble: string | null; kind: TroubleKind | null }> {
  let rows: readonly TopRow[] | null = null
  let trouble: string | null = null
  let kind: TroubleKind | null = null
  const end = Promise.withResolvers<undefined>()
  const undos = [timers.after(firstMsMax, () => end.resolve(undefined))]
  source.start((update) => {
    if (update.type === 'trouble') {
      trouble = update.text
      kind = trouble === null ? null : (update.kind ?? null)
      if (trouble !== null && rows !== null && rows.length === 0) end.resolve(undefined)
    }
    if (update.type !== 'rows') return
    if (rows === null || (rows.length === 0 && update.rows.length > 0))
      undos.push(timers.after(settleMs, () => end.resolve(undefined)))
    rows = update.rows
  })
  await end.promise
  for (const undo of undos) undo()
  const isEmpty = rows === null || (rows as readonly TopRow[]).length === 0 // assigned by what it tells
  return { rows: isEmpty && trouble !== null ? null : rows, trouble, kind }
}

/** JSON has no word for NaN and the infinities. */
function writeNumber(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
