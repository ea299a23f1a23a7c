/** Failed requests of a batch, sent again in a batch of their own. */
import { PilothouseError, type batchRetry } from '@pilothouse/contract'
import type { z } from 'zod'
import type { FileRow } from '../files/file-operations.ts'
import type { RouteContext } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import type { BatchRow } from './batch-rows.ts'
import { findBatch } from './find-batch.ts'
import type { LetterPlace } from './letter-operations.ts'
import { type AskedRequest, LetterReader } from './letter-reader.ts'
import type { BatchOrder } from './make-batch-row.ts'

type Asked = RouteContext<'batches.retry'>

/**
 * Makes a file of the requests that failed, edited where somebody did, and a batch over it.
 * @throws PilothouseError naming the field at fault, or as `Batches.create`; nothing is left then.
 */
export async function retryBatch(asked: Asked): Promise<BatchRow> {
  const { body, caller, resources } = asked
  const { batches, files, storage } = resources
  const row = await findBatch(asked)
  const places = await storage.call('batches.place-letters', { id: row.id, lines: body.lines ?? null })
  const edits = readEdits(body, places)
  const ownerId = caller.memberId
  const parent = { id: row.input_file_id, name: row.name }
  await batches.checkAdmission({ ownerId, file: parent, model: body.model ?? row.model })
  const file = await makeInput(resources, { row, ownerId, places, edits })
  try {
    return await batches.create(makeOrder(row, { ownerId, file, model: body.model ?? null }))
  } catch (error) {
    await files.remove(file.id)
    throw error
  }
}

type Input = { row: BatchRow; ownerId: number; places: readonly LetterPlace[]; edits: ReadonlyMap<number, string> }

async function makeInput({ batches, files }: Resources, { row, ownerId, places, edits }: Input): Promise<FileRow> {
  const reader = await LetterReader.open(row, batches.paths(row.id))
  try {
    const lines = writeLines(reader.readAll(places), edits)
    return await files.create(ownerId, { filename: nameRetry(row.name), purpose: 'batch' }, lines)
  } finally {
    await reader.close()
  }
}

function makeOrder(
  row: BatchRow,
  { ownerId, file, model }: Pick<BatchOrder, 'ownerId' | 'file' | 'model'>,
): BatchOrder {
  return {
    ownerId,
    file,
    // What the parent replaced stands in the bodies of the new file.
    model,
    endpoint: row.endpoint,
    completionWindow: row.completion_window,
    metadata: null,
    filesLifeS: row.files_life_s,
    notifyChannelId: row.notify_channel_id,
    priority: row.priority,
    isOrdered: row.is_ordered === 1,
    parentId: row.id,
    idempotencyKey: null,
  }
}

/** By line. @throws PilothouseError `invalid` for a body that is no object, or a line that is not sent again. */
function readEdits({ edits }: Pick<z.output<typeof batchRetry>, 'edits'>, places: readonly LetterPlace[]) {
  const sent = new Set(places.map(({ line }) => line))
  const found = new Map<number, string>()
  for (const [at, { line, body }] of edits.entries()) {
    if (!sent.has(line))
      throw new PilothouseError('invalid', `Line ${line} is none of those that are sent again.`, {
        field: `edits[${at}].line`,
      })
    if (!isObject(body))
      throw new PilothouseError('invalid', `The body of line ${line} is no JSON object.`, {
        field: `edits[${at}].body`,
        expected: 'what would be sent to the endpoint, as JSON text',
      })
    // Line ends stand between the parts of JSON only, never inside of its strings.
    found.set(line, body.replaceAll(/[\r\n]+/g, ' ').trim())
  }
  return found
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

async function* writeLines(
  requests: AsyncIterable<AskedRequest>,
  edits: ReadonlyMap<number, string>,
): AsyncGenerator<Uint8Array> {
  for await (const { line, customId, url, body } of requests) {
    const head = `{"custom_id":${JSON.stringify(customId)},"method":"POST","url":${JSON.stringify(url)}`
    yield Buffer.from(`${head},"body":${edits.get(line) ?? body}}\n`)
  }
}

/** Room for what stands behind it. */
const stemLengthMax = 200

function nameRetry(name: string): string {
  const stem = name.replace(/(\.retry)?(\.jsonl)?$/, '')
  return `${stem.slice(0, stemLengthMax)}.retry.jsonl`
}
