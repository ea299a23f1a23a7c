/**
 * The epoch that is under way, from 1: trainings that count in parts of epochs are in their first one at 0.28. null: it is
 * not known.
 */
export function wholeEpoch(epoch: number | null): number | null {
  return epoch === null ? null : Math.ceil(epoch)
}
