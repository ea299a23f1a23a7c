/**
 * Which checkpoints stay by a policy. Rules only ever keep: one more of them never deletes more. A policy without any rule
 * deletes nothing; the youngest checkpoint always stays, and so do pinned and copied ones.
 */
import type { Checkpoint, CheckpointPolicy } from '@pilothouse/contract'
import { formatCount, formatValue } from '../format.ts'

export type KeptCandidate = Pick<
  Checkpoint,
  'id' | 'kind' | 'state' | 'branch' | 'time' | 'step' | 'metrics' | 'pinned'
> & {
  /** Somebody has had it copied to the control room, to keep it. */
  isCopied?: boolean
}

/** `absent`: its files are not there, or on their way out, so there is nothing to decide; it counts for no rule. */
export type KeptReason =
  | 'absent'
  | 'noRules'
  | 'otherKind'
  | 'pinned'
  | 'copied'
  | 'youngest'
  | 'last'
  | 'best'
  | 'everySteps'
export type KeptDecision = {
  id: number
  keep: boolean
  /** Why it stays; empty where nothing keeps it. */
  reasons: KeptReason[]
  /** The same in words, or why it goes. */
  words: string[]
}

/** Pure; in the order of `checkpoints`. Of checkpoints made at the same time the one with the larger id is the younger. */
export function chooseKept(policy: CheckpointPolicy, checkpoints: readonly KeptCandidate[]): KeptDecision[] {
  const present = checkpoints.filter(({ state }) => state === 'present').toSorted(compareAge)
  const kept = new Map<number, { reason: KeptReason; words: string }[]>(checkpoints.map(({ id }) => [id, []]))
  const keep = ({ id }: KeptCandidate, reason: KeptReason, words: string): void => {
    kept.get(id)?.push({ reason, words })
  }
  const hasRules = policy.last !== undefined || policy.best !== undefined || policy.everySteps !== undefined
  for (const one of checkpoints) {
    if (one.state !== 'present') keep(one, 'absent', 'its files are not there')
    else if (!hasRules) keep(one, 'noRules', 'no rule says what stays, so all do')
    else if (policy.kinds && !policy.kinds.includes(one.kind))
      keep(one, 'otherKind', `the policy leaves ${one.kind} ones alone`)
    if (one.pinned) keep(one, 'pinned', 'pinned')
    if (one.isCopied === true) keep(one, 'copied', 'copied to the control room')
  }
  for (const one of present.slice(0, 1)) keep(one, 'youngest', 'the youngest')
  if (policy.last !== undefined) {
    for (const one of present.slice(0, policy.last))
      keep(one, 'last', `one of the ${formatCount(policy.last)} youngest`)
  }
  if (policy.best) {
    const { metric, count } = policy.best
    listBest(policy.best, present)
      .slice(0, count)
      .forEach(({ checkpoint, value }, at) => {
        keep(
          checkpoint,
          'best',
          `${at === 0 ? 'the best' : `number ${formatCount(at + 1)}`} by ${metric}, ${formatValue(value)}`,
        )
      })
  }
  if (policy.everySteps !== undefined) {
    for (const one of listSpaced(policy.everySteps, present)) {
      keep(one, 'everySteps', `the first in its ${formatCount(policy.everySteps)} steps`)
    }
  }
  return checkpoints.map(({ id }) => {
    const found = kept.get(id) ?? []
    const words = found.length > 0 ? found.map((one) => one.words) : ['no rule keeps it']
    return { id, keep: found.length > 0, reasons: found.map(({ reason }) => reason), words }
  })
}

function compareAge(one: KeptCandidate, other: KeptCandidate): number {
  return other.time - one.time || other.id - one.id
}

/** Best first; of equal ones the youngest, which has learnt longest. Without a finite value none. */
function listBest(
  { metric, goal }: NonNullable<CheckpointPolicy['best']>,
  youngestFirst: readonly KeptCandidate[],
): { checkpoint: KeptCandidate; value: number }[] {
  const sign = goal === 'minimize' ? 1 : -1
  return youngestFirst
    .flatMap((checkpoint) => {
      const value = Object.hasOwn(checkpoint.metrics, metric) ? checkpoint.metrics[metric] : undefined
      return typeof value === 'number' && Number.isFinite(value) ? [{ checkpoint, value }] : []
    })
    .toSorted((one, other) => sign * (one.value - other.value))
}

/** Of each stretch and branch the one with the smallest step; of equal ones the youngest. */
function listSpaced(every: number, youngestFirst: readonly KeptCandidate[]): KeptCandidate[] {
  const first = new Map<string, KeptCandidate>()
  for (const one of youngestFirst) {
    const stretch = `${one.branch} ${Math.floor(one.step / every)}`
    const known = first.get(stretch)
    if (!known || one.step < known.step) first.set(stretch, one)
  }
  return [...first.values()]
}
