import { type FileObject, PilothouseError, fileForm, parseOrRefuse } from '@pilothouse/contract'
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
export async function receiveUpload({ caller, request, resources }: RouteContext<'files.create'>): Promise<FileObject> {
  const { files, config } = resources
  try {
    refuseLength(request.headers['content-length'], config.fileBytesMax)
    const release = await files.admit(caller.memberId, config.filesMax)
    try {
      limitArrival(request.raw, uploadMsMax)
      request.raw.setTimeout(files.idleMs, () => request.raw.destroy())
      return await takeForm({ ownerId: caller.memberId, request, resources })
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

type Upload = Pick<RouteContext<'files.create'>, 'request'> & { ownerId: number; resources: Resources }

async function takeForm({ ownerId, request, resources: { files, config, now } }: Upload): Promise<FileObject> {
  let taken: { staged: StagedFile; filename: string } | undefined
  const take = async ({ field, name, content }: FormFile, before: ReadonlyMap<string, string>): Promise<void> => {
    if (field !== 'file') throw noFile()
    if (before.has('purpose')) parseOrRefuse(fileForm, { purpose: before.get('purpose') })
    taken = { filename: name, staged: await files.stage(content, { bytesMax: config.fileBytesMax }) }
  }
  try {
    const fields = parseOrRefuse(fileForm, Object.fromEntries(await receiveForm(request.raw, take)))
    if (taken === undefined) throw noFile()
    if (taken.staged.bytes === 0) throw new PilothouseError('invalid', 'The file is empty.', { field: 'file' })
    const seconds = fields['expires_after[seconds]']
    const draft = { filename: taken.filename, purpose: fields.purpose, filesMax: config.filesMax }
    const expiresMs = seconds === undefined ? null : now() + seconds * 1000
    return toFileObject(await files.publish(ownerId, taken.staged, { ...draft, expiresMs }))
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
