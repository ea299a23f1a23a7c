/** What would come of a batch, before there is one. */
import { type BatchChecked, type Engine, type ModelPrice, PilothouseError } from '@pilothouse/contract'
import type { RouteContext } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import type { CheckResult } from './check-input.ts'

type Asked = RouteContext<'batches.check'>
type Indexed = Extract<CheckResult, { kind: 'indexed' }>

/** UTF-8 bytes of a prompt that make a token, on average; engines tell how many there were only afterwards. */
const bytesPerToken = 4

/** @throws PilothouseError `notFound` for a file that is not there. */
export async function checkBatch(asked: Asked): Promise<BatchChecked> {
  const { body, caller, resources } = asked
  const file = await resources.files.find(body.inputFileId, actorOf(caller))
  if (!file) throw new PilothouseError('notFound', `There is no file «${body.inputFileId}».`, { field: 'inputFileId' })
  const result = await resources.batches.check({ fileId: file.id, endpoint: body.endpoint, model: body.model ?? null })
  const refusal = await findRefusal(asked, { file, model: body.model ?? null })
  if (result.kind === 'refused') {
    const shown = result.errors.map(({ code, message, param, line }) => ({ code, message, param, line }))
    return { requests: 0, model: null, faults: { count: result.errorCount, shown }, refusal, estimate: null }
  }
  const { requests, model } = result
  return { requests, model, faults: null, refusal, estimate: await estimate(asked, result) }
}

async function findRefusal(
  { caller, resources: { batches } }: Asked,
  { file, model }: { file: { id: string; name: string }; model: string | null },
): Promise<string | null> {
  try {
    await batches.checkAdmission({ ownerId: caller.memberId, file, model })
    return null
  } catch (error) {
    if (error instanceof PilothouseError && error.code !== 'internal') return error.message
    throw error
  }
}

async function estimate({ resources }: Asked, result: Indexed): Promise<NonNullable<BatchChecked['estimate']>> {
  const { storage, engines, now } = resources
  const { model, requests, promptBytes, maxTokens } = result
  const before = await storage.call('batches.queue', { model, priority: 0 })
  const pace = await storage.call('batches.pace', { model, nowMs: now() })
  const { currency } = await storage.call('rates.get', null)
  const tokens = { input: Math.ceil(promptBytes / bytesPerToken), output: maxTokens }
  return {
    inputTokens: tokens.input,
    outputTokens: tokens.output,
    cost: estimateCost(findPrice(await engines.list(), model), tokens),
    currency,
    durationMs: pace === null ? null : Math.round((1000 * (before.requests + requests)) / pace),
    position: before.batches,
    requestsBefore: before.requests,
  }
}

/** Of a healthy engine where one has a price for the model, else of any. */
function findPrice(engines: readonly Engine[], model: string): ModelPrice | null {
  const priced = engines.flatMap(({ prices, health }) => {
    const price = prices.find((one) => one.model === model)
    return price ? [{ price, isHealthy: health.state === 'healthy' }] : []
  })
  return (priced.find(({ isHealthy }) => isHealthy) ?? priced[0])?.price ?? null
}

function estimateCost(price: ModelPrice | null, { input, output }: { input: number; output: number }): number | null {
  if (!price) return null
  return (input * price.inputPerMillion + output * price.outputPerMillion) / 1_000_000
}
