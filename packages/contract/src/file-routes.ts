/** Routes of files, as a part of `routes.ts`. Errors below /v1 have OpenAI's shape. */
import { fileDeleted, fileForm, fileList, fileObject, fileQuery, ofFile } from './file.ts'

export const fileRoutes = {
  'files.create': {
    summary: 'Keep a file: the part `file` of a form, in any order with its other fields.',
    form: fileForm,
    response: fileObject,
  },
  'files.list': { summary: 'Files by when they were made, the newest first.', query: fileQuery, response: fileList },
  'files.get': { summary: 'What is known of a file.', params: ofFile, response: fileObject },
  'files.delete': { summary: 'Delete a file.', params: ofFile, response: fileDeleted },
  'files.content': {
    summary: 'The bytes of a file; one range of them where it is asked for.',
    params: ofFile,
    produces: 'application/octet-stream',
  },
} as const
