import { setTimeout as wait } from 'node:timers/promises'
import type { Client } from '@pilothouse/client'
import { type BatchDetail, isEndedBatch, PilothouseError } from '@pilothouse/contract'
import { viewBatchLine } from '@pilothouse/terminal'
import { exitCodes } from './exit-code.ts'
import { signalCodes } from './signal-codes.ts'
import type { World } from './world.ts'

/** How often it is asked for. */
const lookMs = 1000
/** Without a terminal counts are told so often at most; other changes at once. */
const tellMs = 10_000

/**
 * Follows a batch to its end on standard error: over one line on a terminal, a line for each change otherwise. Signals end the
 * following, not the batch. Resolves to the batch as it stood at last, and to the exit code.
 * @throws PilothouseError where it cannot be asked for. While the control room does not answer, it is asked again.
 */
export async function watchBatch(
  client: Client,
  id: string,
  world: World,
): Promise<{ batch: BatchDetail | null; code: number }> {
  const stop = new AbortController()
  let ended: NodeJS.Signals | undefined
  const undo = world.onStop((signal) => {
    ended ??= signal
    stop.abort()
  })
  const teller = makeTeller(world)
  let batch: BatchDetail | null = null
  try {
    for (;;) {
      batch = (await look(client, { id, signal: stop.signal, onAway: teller.away })) ?? batch
      if (batch !== null && !stop.signal.aborted) teller.tell(batch)
      if (stop.signal.aborted || (batch !== null && isEndedBatch(batch.status))) break
      await wait(lookMs, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  } finally {
    undo()
    teller.end()
  }
  if (ended === undefined) return { batch, code: chooseCode(batch) }
  world.stderr.write(
    `The batch goes on. «pilothouse batch cancel ${id}» ends it, «pilothouse batch show ${id} --watch» goes on looking.\n`,
  )
  return { batch, code: signalCodes[ended] ?? exitCodes.failed.code }
}

function chooseCode(batch: BatchDetail | null): number {
  return batch?.status === 'completed' ? exitCodes.ok.code : exitCodes.failed.code
}

type Look = { id: string; signal: AbortSignal; onAway: () => void }

/** null: it could not be asked for now. */
async function look(client: Client, { id, signal, onAway }: Look): Promise<BatchDetail | null> {
  try {
    return await client.call('batches.get', { params: { id }, signal })
  } catch (error) {
    if (signal.aborted) return null
    if (!(error instanceof PilothouseError) || error.code !== 'unavailable') throw error
    onAway()
    return null
  }
}

function makeTeller({ stderr, now }: World) {
  let told = ''
  let toldAt = 0
  let isShown = false
  const write = (line: string): void => {
    stderr.write(stderr.isTerminal ? `\r\u001B[K${line}` : `${line}\n`)
    isShown = stderr.isTerminal
  }
  return {
    tell(batch: BatchDetail): void {
      const line = viewBatchLine(batch, { paint: stderr.paint, width: stderr.width() - 1 })
      const change = `${batch.status} ${batch.trouble ?? ''}`
      const isNews = change !== told || now() - toldAt >= tellMs
      if (!stderr.isTerminal && !isNews) return
      if (isNews) toldAt = now()
      told = change
      write(line)
    },
    away(): void {
      if (told !== 'away') write('The control room does not answer; it is asked again …')
      told = 'away'
    },
    end(): void {
      if (isShown) stderr.write('\n')
    },
  }
}
