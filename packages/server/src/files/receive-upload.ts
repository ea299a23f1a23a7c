import { type FileObject, PilothouseError, fileForm, parseOrRefuse } from '@pilothouse/contract'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { limitArrival } from '../http/limit-arrival.ts'
import { type FormFile, receiveForm } from '../http/receive-form.ts'
import type { RouteContext } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import { tooLarge } from './file-folder.ts'
import { toFileObject } from './file-operations.ts'
import type { StagedFile } from './files.ts'

/** An upload may take so long. */
const uploadMsMax = 3_600_000
/** What is still sent of an upload that is refused is read and dropped for so long, so that its sender gets the answer. */
const lingerMs = 10_000
/** Of a form beside its file. */
const formBytesMax = 64 * 1024

/**
 * Takes the form of an upload: the file goes to the disk as it comes, whether its other fields come before it or behind it.
 * @throws PilothouseError naming the field at fault; nothing of the file is left then.
 */
export function receiveUpload({ caller, request, resources }: RouteContext<'files.create'>): Promise<FileObject> {
  const { files, config, now } = resources
  return receiveFile(
    { ownerId: caller.memberId, request, resources },
    {
      form: fileForm,
      early: ({ purpose }) => purpose === undefined || parseOrRefuse(fileForm, { purpose }),
      use: async (fields, { staged, filename }) => {
        const seconds = fields['expires_after[seconds]']
        const draft = { filename, purpose: fields.purpose, filesMax: config.filesMax }
        const expiresMs = seconds === undefined ? null : now() + seconds * 1000
        return toFileObject(await files.publish(caller.memberId, staged, { ...draft, expiresMs }))
      },
    },
  )
}

type Upload = { ownerId: number; request: FastifyRequest; resources: Resources }
export type ReceivedFile = { staged: StagedFile; filename: string }
type Form<Schema extends z.ZodType, Answer> = {
  /** Of the fields beside the file. */
  form: Schema
  /** Looks at those that came before the file; what it throws ends the upload before the file comes. */
  early?: (before: Record<string, string>) => unknown
  /** What becomes of the file: it is gone afterwards unless it was published. */
  use(fields: z.output<Schema>, file: ReceivedFile): Promise<Answer>
}

/**
 * Takes a form with one file in the field «file».
 * @throws PilothouseError naming the field at fault; what `early` and `use` throw.
 */
export async function receiveFile<Schema extends z.ZodType, Answer>(
  upload: Upload,
  form: Form<Schema, Answer>,
): Promise<Answer> {
  const { ownerId, request, resources } = upload
  const { files, config } = resources
  try {
    refuseLength(request.headers['content-length'], config.fileBytesMax)
    const release = await files.admit(ownerId, config.filesMax)
    try {
      limitArrival(request.raw, uploadMsMax)
      request.raw.setTimeout(files.idleMs, () => request.raw.destroy())
      return await takeForm(upload, form)
    } finally {
      request.raw.setTimeout(0)
      release()
    }
  } catch (error) {
    request.raw.resume()
    limitArrival(request.raw, lingerMs)
    throw error
  }
}

async function takeForm<Schema extends z.ZodType, Answer>(
  { request, resources: { files, config } }: Upload,
  { form, early, use }: Form<Schema, Answer>,
): Promise<Answer> {
  let taken: ReceivedFile | undefined
  const take = async ({ field, name, content }: FormFile, before: ReadonlyMap<string, string>): Promise<void> => {
    if (field !== 'file') throw noFile()
    early?.(Object.fromEntries(before))
    taken = { filename: name, staged: await files.stage(content, { bytesMax: config.fileBytesMax }) }
  }
  try {
    const fields = parseOrRefuse(form, Object.fromEntries(await receiveForm(request.raw, take)))
    if (taken === undefined) throw noFile()
    if (taken.staged.bytes === 0) throw new PilothouseError('invalid', 'The file is empty.', { field: 'file' })
    return await use(fields, taken)
  } finally {
    if (taken !== undefined) await files.discard(taken.staged)
  }
}

function refuseLength(length: string | undefined, bytesMax: number): void {
  if (Number(length ?? 0) > bytesMax + formBytesMax) throw tooLarge(bytesMax)
}

function noFile(): PilothouseError {
  return new PilothouseError('invalid', 'The form has no file.', {
    field: 'file',
    expected: 'a file in the field «file»',
    hint: 'Send the file in the field «file».',
  })
}
