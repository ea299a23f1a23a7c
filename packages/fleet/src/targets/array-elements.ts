/**
 * Elements of an array are runs of their own: each has a run folder below that of the array, which leads to the same script,
 * and a log, an exit record and a mailbox of its own. Slurm calls them `JOB_INDEX`.
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

/**
 * Runs of the elements of an array, in the order of their indices, once it is started.
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
