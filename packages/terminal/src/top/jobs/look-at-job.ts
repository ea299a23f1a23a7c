import type { Client } from '@pilothouse/client'
import type { CommandKind, LogLine } from '@pilothouse/contract'
import type { JobUse } from './job-row.ts'
import { readJobUse } from './read-use.ts'

/** What a look at a job brought. */
export type JobLook = { lines: LogLine[]; use: JobUse | null; kinds: readonly CommandKind[] }

/** How far its log was read, and what it could be told when it was asked last. */
export type LogPlace = { attempt: number; next: number; kinds: readonly CommandKind[]; kindsAt: number }

/** Lines of the end of a log that a first look brings, and those that a later one brings at most: what is more is passed over. */
const firstLines = 20
const linesMax = 200
/** What a script can be told it says once, at its beginning. */
const kindsMs = 15_000

/** Reads what follows `place` in the log of a job (its end, where there is none; from its beginning, once it begins anew), and the use of its GPUs. */
export async function lookAtJob(
  client: Client,
  uid: string,
  { place, now, signal }: { place: LogPlace | null; now: () => number; signal: AbortSignal },
): Promise<{ found: JobLook; place: LogPlace }> {
  const count = place === null ? firstLines : linesMax
  const page = await client.call('logs.page', { params: { uid }, query: { count }, signal })
  const at = now()
  const use = await readJobUse(client, uid, { now: at, signal })
  const isFresh = place?.attempt === page.attempt && Math.abs(at - place.kindsAt) < kindsMs
  const kinds = isFresh ? place.kinds : await readKinds(client, uid, signal)
  const from = place?.attempt === page.attempt ? place.next : 0
  const lines = page.lines.filter(({ n }) => n >= from)
  const kindsAt = isFresh ? place.kindsAt : at
  return { found: { lines, use, kinds }, place: { attempt: page.attempt, next: page.total, kinds, kindsAt } }
}

/** What the script has declared that it can be told: nothing, where it has declared nothing. */
async function readKinds(client: Client, uid: string, signal: AbortSignal): Promise<readonly CommandKind[]> {
  const { controls } = await client.call('commands.list', { params: { uid }, query: { limit: '1' }, signal })
  return controls?.kinds ?? []
}
