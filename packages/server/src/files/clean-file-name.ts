import { PilothouseError, limits } from '@pilothouse/contract'

/** Control characters, and those that turn the direction of writing. */
const unseen = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/**
 * The name of a file as it is shown and given back: without the folders before it, and without what nobody sees. It never
 * gets to the disk.
 * @throws PilothouseError `invalid` when it is too long.
 */
export function cleanFileName(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
  const clean = last.toWellFormed().replaceAll(unseen, '').trim()
  if (clean.length > limits.fileNameLengthMax)
    throw new PilothouseError('invalid', `The name of the file has ${clean.length} characters.`, {
      field: 'file',
      expected: `a name of at most ${limits.fileNameLengthMax} characters`,
      hint: `Give it a name of at most ${limits.fileNameLengthMax} characters.`,
    })
  return clean === '' || clean === '.' || clean === '..' ? 'upload' : clean
}
