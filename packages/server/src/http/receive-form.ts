/** A body of the type `multipart/form-data`, taken apart while it comes (RFC 7578). */
import type { IncomingMessage } from 'node:http'
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import { PilothouseError } from '@pilothouse/contract'

/** Of fields beside the file: how many, bytes of one, and bytes of what stands before a part. */
const fieldsMax = 32
const fieldBytesMax = 8 * 1024
const headerBytesMax = 16 * 1024

export type FormFile = {
  /** Name of its field. */
  field: string
  /** As the sender calls it, without folders; empty where it does not. */
  name: string
  /** Its bytes, to be read to their end or refused by throwing. */
  content: AsyncIterable<Uint8Array>
}
type Fields = ReadonlyMap<string, string>

/**
 * Reads a form to its end and returns its fields. `take` gets the one file that it may have, as soon as that begins, with the
 * fields that came before it; what `take` throws ends the reading. The body is left unread then.
 * @throws PilothouseError `malformed`, `invalid` for a second file or too many fields; else what `take` throws.
 */
export async function receiveForm(
  request: IncomingMessage,
  take: (file: FormFile, before: Fields) => Promise<void>,
): Promise<Fields> {
  const parser = openParser(request)
  const fields = new Map<string, string>()
  const { promise: refused, reject: refuse } = Promise.withResolvers<never>()
  const taking: { content: BusboyFileStream; done: Promise<void> }[] = []
  parser.on('field', (name, value, _, isCut) => {
    if (isCut) refuse(tooLong(name))
    fields.set(name, value)
  })
  parser.on('file', (field, content, name: string | undefined) => {
    content.on('error', () => undefined) // whoever reads it is told
    const done = take({ field, name: decodeName(name ?? ''), content }, fields)
    taking.push({ content, done })
    done.catch(refuse)
  })
  parser.on('filesLimit', () => refuse(twoFiles()))
  for (const event of ['fieldsLimit', 'partsLimit'] as const) parser.on(event, () => refuse(manyFields()))
  try {
    request.pipe(parser)
    await Promise.race([waitForEnd(request, parser), refused])
    for (const { done } of taking) await done
    return fields
  } catch (error) {
    request.unpipe(parser)
    for (const { content } of taking) content.destroy(toError(error))
    await Promise.allSettled(taking.map(({ done }) => done))
    throw error
  }
}

/** What browsers and clients write in place of what would end the name (WHATWG, «multipart/form-data encoding algorithm»). */
function decodeName(name: string): string {
  return name.replaceAll('%22', '"').replaceAll(/%0[AD]/g, '')
}

function openParser({ headers }: IncomingMessage): BusboyInstance {
  const limits = { files: 1, fields: fieldsMax, parts: fieldsMax + 2, fieldSize: fieldBytesMax }
  const type = headers['content-type'] ?? ''
  if (!/^multipart\/form-data\b/i.test(type)) throw noForm(undefined)
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': type },
      limits: { ...limits, headerPairs: fieldsMax, headerSize: headerBytesMax },
    })
  } catch (cause) {
    throw noForm(cause)
  }
}

function waitForEnd(request: IncomingMessage, parser: BusboyInstance): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(broken(cause))
    parser.on('finish', resolve)
    parser.on('error', fail)
    request.on('error', fail)
    request.on('close', () => {
      if (!request.complete) fail(undefined)
    })
  })
}

function noForm(cause: unknown): PilothouseError {
  return new PilothouseError('malformed', 'The body is no form.', {
    cause,
    hint: 'Send it as multipart/form-data with a boundary.',
  })
}

function broken(cause: unknown): PilothouseError {
  return new PilothouseError('malformed', 'The form ends too early, or is no form.', {
    cause,
    hint: 'Send it again, whole.',
  })
}

function twoFiles(): PilothouseError {
  const expected = 'one file'
  return new PilothouseError('invalid', 'The form has more than one file.', {
    field: 'file',
    expected,
    hint: 'Send each file in a form of its own.',
  })
}

function manyFields(): PilothouseError {
  return new PilothouseError('invalid', `The form has more than ${fieldsMax} fields.`)
}

function tooLong(name: string): PilothouseError {
  return new PilothouseError('invalid', `The field is longer than ${fieldBytesMax} bytes.`, { field: name })
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
