/** Calls that create batches: as JSON over a file that is there, or as a form that brings it. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { type OpenAiBatch, PilothouseError, batchForm, limits } from '@pilothouse/contract'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { FileRow } from '../files/file-operations.ts'
import { type ReceivedFile, receiveFile } from '../files/receive-upload.ts'
import type { RouteContext } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import type { BatchOrder } from './make-batch-row.ts'
import { toOpenAiBatch } from './to-openai-batch.ts'

type Asked = RouteContext<'openai-batches.create'>

/**
 * Creates a batch.
 * @throws PilothouseError naming the field at fault, or why it is not taken now.
 */
export async function receiveBatch(asked: Asked): Promise<OpenAiBatch> {
  const { body, caller, resources, request } = asked
  const idempotencyKey = readKey(request)
  if (body === undefined) return receiveBatchForm(asked, idempotencyKey)
  const asOrder = (file: BatchOrder['file']): BatchOrder => ({
    ownerId: caller.memberId,
    file,
    endpoint: body.endpoint,
    model: body.model ?? null,
    completionWindow: body.completion_window,
    metadata: body.metadata,
    filesLifeS: body.output_expires_after?.seconds ?? null,
    notifyChannelId: body.notify ?? null,
    priority: body.priority,
    isOrdered: body.ordered,
    parentId: null,
    idempotencyKey,
  })
  // What it was made of may be gone since, or have been sent once more.
  const known = await resources.batches.findRepeated(asOrder({ id: body.input_file_id, name: '' }))
  if (known?.input_file_id === body.input_file_id) return toOpenAiBatch(known)
  if (known) {
    const { id } = await findInput(asked, body.input_file_id)
    const isSame = await isSameInput(resources.batches.paths(known.id).input, resources.files.path(id))
    if (isSame) return toOpenAiBatch(known)
    throw otherInput()
  }
  await checkChannel(asked, body.notify)
  return toOpenAiBatch(await resources.batches.create(asOrder(await findInput(asked, body.input_file_id))))
}

/** A part `file` and, where somebody wants, the fields of `batchForm`. The file stays as one of the member's. */
function receiveBatchForm(asked: Asked, idempotencyKey: string | null): Promise<OpenAiBatch> {
  const { caller, request, resources } = asked
  const { files, batches, config } = resources
  const ownerId = caller.memberId
  const asOrder = (fields: Fields, file: BatchOrder['file']): BatchOrder => ({
    ownerId,
    file,
    endpoint: fields.endpoint,
    model: fields.model ?? null,
    completionWindow: fields.completion_window,
    metadata: null,
    filesLifeS: null,
    notifyChannelId: fields.notify ?? null,
    priority: 0,
    isOrdered: false,
    parentId: null,
    idempotencyKey,
  })
  const use = async (fields: Fields, { staged, filename }: ReceivedFile): Promise<OpenAiBatch> => {
    const known = await batches.findRepeated(asOrder(fields, { id: staged.id, name: filename }))
    if (known) {
      if (await isSameInput(batches.paths(known.id).input, files.stagedPath(staged))) return toOpenAiBatch(known)
      throw otherInput()
    }
    await checkChannel(asked, fields.notify)
    const file = await files.publish(ownerId, staged, { filename, purpose: 'batch', filesMax: config.filesMax })
    try {
      return toOpenAiBatch(await batches.create(asOrder(fields, file)))
    } catch (error) {
      await files.remove(file.id)
      throw error
    }
  }
  return receiveFile({ ownerId, request, resources }, { form: batchForm, use })
}

type Fields = z.output<typeof batchForm>

/** @throws PilothouseError `notFound`, also for a file of somebody else, or `invalid` for one of another purpose. */
async function findInput({ caller, resources: { files } }: Asked, id: string): Promise<FileRow> {
  const file = await files.find(id, actorOf(caller))
  if (!file) throw new PilothouseError('notFound', `There is no file «${id}».`, { field: 'input_file_id' })
  if (file.purpose === 'batch') return file
  throw new PilothouseError('invalid', `The file «${id}» was uploaded with the purpose «${file.purpose}».`, {
    field: 'input_file_id',
    expected: 'a file with the purpose «batch»',
    hint: 'Upload it again with the purpose «batch».',
  })
}

/** @throws PilothouseError `invalid` for a channel on which nothing can be told. */
async function checkChannel({ resources: { storage } }: Asked, id: number | null | undefined): Promise<void> {
  if (id === null || id === undefined) return
  const { channels } = await storage.call('channels.list', null)
  const channel = channels.find((one) => one.id === id)
  if (channel?.enabled) return
  const what = channel ? `The channel «${channel.name}» is off.` : `There is no channel ${id}.`
  throw new PilothouseError('invalid', what, { field: 'notify', expected: 'the id of a channel that is on' })
}

function readKey({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key === 'string' && key.length > 0 && key.length <= limits.nameLengthMax) return key
  throw new PilothouseError('invalid', 'The key of the call cannot be used.', {
    field: 'Idempotency-Key',
    expected: `one header with 1 to ${limits.nameLengthMax} characters`,
  })
}

/** Of a batch that has failed, or was cancelled early, the input is gone: then its key has to do. */
async function isSameInput(had: string, sent: string): Promise<boolean> {
  const [before, now] = await Promise.all([hashFile(had), hashFile(sent)])
  return before === null || before === now
}

/** null: there is no such file. */
async function hashFile(path: string): Promise<string | null> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path), hash)
    return hash.digest('hex')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function otherInput(): PilothouseError {
  return new PilothouseError('conflict', 'A batch over another file has been made with this key.', {
    field: 'Idempotency-Key',
    hint: 'Take a new key for a new batch.',
  })
}
