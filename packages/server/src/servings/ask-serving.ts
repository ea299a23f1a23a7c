import { readModels } from '../engines/read-models.ts'
import type { KeptServing } from './serving-rows.ts'
import { namesModel } from './write-command.ts'

const askMs = 5_000
const timeouts = { connectMs: askMs, requestMs: askMs, idleMs: askMs }

/**
 * Asks what runs for its models.
 * @returns why it is not ready, one sentence; null: it is
 * @throws PilothouseError `unavailable` where nothing answers
 */
export async function askServing(
  { modelName, spec }: Pick<KeptServing, 'modelName' | 'spec'>,
  { baseUrl, apiKey, signal }: { baseUrl: string; apiKey: string; signal: AbortSignal },
): Promise<string | null> {
  const { EngineClient } = await import('@pilothouse/dispatch/sending')
  const client = new EngineClient({ baseUrl, apiKey, connectionsMax: 1, timeouts })
  try {
    const read = readModels(await client.getText('/v1/models', { signal, timeoutMs: askMs }))
    if ('trouble' in read) return read.trouble
    if (!namesModel(spec.command) || read.models.includes(modelName)) return null
    return `What answers there does not list «${modelName}», but ${read.models.join(', ') || 'nothing'}.`
  } finally {
    await client.destroy()
  }
}
