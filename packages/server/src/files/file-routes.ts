import { type FileObject, PilothouseError } from '@pilothouse/contract'
import type { Handlers, RouteContext } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import { type FileRow, toFileObject } from './file-operations.ts'
import { receiveUpload } from './receive-upload.ts'
import { sendFile } from './send-file.ts'

type FileRoute = `files.${'create' | 'list' | 'get' | 'delete' | 'content'}`

export const fileHandlers: Handlers<FileRoute> = {
  'files.create': receiveUpload,
  'files.list': ({ query, caller, resources: { storage, now } }) =>
    storage.call('files.list', { query, nowMs: now(), reader: actorOf(caller) }),
  'files.get': async (asked): Promise<FileObject> => toFileObject(await findFile(asked)),
  'files.delete': async ({ params: { id }, caller, resources: { files } }) => {
    if (!(await files.remove(id, actorOf(caller)))) throw fileNotFound(id)
    return { id, object: 'file', deleted: true }
  },
  'files.content': async (asked) => {
    const { request, reply, resources } = asked
    const row = await findFile(asked)
    return sendFile(row, { handle: await resources.files.open(row.id), request, reply })
  },
}

/** @throws PilothouseError `notFound`, also for a file of somebody else. */
async function findFile({
  params: { id },
  caller,
  resources: { files },
}: Pick<RouteContext<'files.get'>, 'params' | 'caller' | 'resources'>): Promise<FileRow> {
  const found = await files.find(id, actorOf(caller))
  if (!found) throw fileNotFound(id)
  return found
}

function fileNotFound(id: string): PilothouseError {
  return new PilothouseError('notFound', `There is no file «${id}».`, { field: 'id' })
}
