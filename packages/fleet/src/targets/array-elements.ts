/**
 * Elements of an array are runs of their own. Each has a run folder with a log, an exit record and a mailbox: one that was made
 * before, with a script of its own, or one below that of the array, which leads to the array's script. Slurm calls them
 * `JOB_INDEX`.
 */
import { runFiles } from '../runs/run-wrapper.ts'
import { expandIndices } from '../slurm/host-list.ts'
import { SlurmError } from '../slurm/slurm-error.ts'
import type { ArrayOrder, TargetRun } from './target.ts'

export const elementsMax = 1_000

/** @throws SlurmError `refused` for what names no elements, or too many */
export function readIndices({ indices }: ArrayOrder): number[] {
  const isList = /^\d{1,9}(-\d{1,9}(:\d{1,9})?)?(,\d{1,9}(-\d{1,9}(:\d{1,9})?)?)*$/.test(indices)
  const found = isList ? expandIndices(indices) : []
  if (found.length > 0 && found.length <= elementsMax) return found
  const message = `«${indices.slice(0, 100)}» names ${isList ? found.length : 'no'} elements of an array.`
  const hint = `Name between 1 and ${elementsMax}, as 1-12, 0,3,7 or 0-100:10.`
  throw new SlurmError('refused', { message, hint })
}

/** One line for each element: its index, and its folder where it was made before. @throws SlurmError as `readIndices` */
export function writeElements(array: ArrayOrder): string {
  const indices = readIndices(array)
  const { folders } = array
  if (folders !== undefined && (folders.length !== indices.length || folders.some((one) => one.includes('\n'))))
    throw new RangeError(`${folders.length} run folders do not fit ${indices.length} elements of an array.`)
  return indices.map((index, at) => [index, folders?.[at] ?? ''].join(' ').trim()).join('\n')
}

/**
 * Runs of the elements of an array that share its script, in the order of their indices, once it is started.
 * @throws SlurmError as `readIndices`
 */
export function listElements(
  { folder, owner, slurmId }: TargetRun,
  array: ArrayOrder,
): (TargetRun & { index: number })[] {
  return readIndices(array).map((index) => ({
    index,
    folder: `${folder}/${runFiles.elements}/${index}`,
    owner,
    slurmId: slurmId === null ? null : `${slurmId}_${index}`,
  }))
}
