/** Rules by which checkpoints stay, as a form has them and in words. Pure. */
import type { CheckpointKind, CheckpointPolicy } from '@pilothouse/contract'
import { checkpointKinds } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'

type Best = NonNullable<CheckpointPolicy['best']>

/** Each rule as it was entered, whether it holds or not. */
export type PolicyDraft = {
  hasLast: boolean
  last: string
  hasBest: boolean
  metric: string
  goal: Best['goal']
  best: string
  hasEvery: boolean
  every: string
  /** Only these ever go. */
  kinds: readonly CheckpointKind[]
}

export type PolicyFaults = Partial<Record<'last' | 'metric' | 'best' | 'every' | 'kinds', string>>

/** `likely` is the metric by which a job is judged, with its goal. */
export function beginPolicyDraft(
  policy: CheckpointPolicy | null,
  likely: { metric: string; goal: Best['goal'] },
): PolicyDraft {
  const { last, best, everySteps, kinds } = policy ?? {}
  return {
    hasLast: last !== undefined,
    last: String(last ?? 3),
    hasBest: best !== undefined,
    metric: best?.metric ?? likely.metric,
    goal: best?.goal ?? likely.goal,
    best: String(best?.count ?? 1),
    hasEvery: everySteps !== undefined,
    every: String(everySteps ?? 1000),
    kinds: kinds ?? checkpointKinds,
  }
}

const countMax = 1_000_000

/** The policy that a form asks for, null for none; undefined where something is wrong, which the faults say. */
export function readPolicyDraft(draft: PolicyDraft): {
  policy: CheckpointPolicy | null | undefined
  faults: PolicyFaults
} {
  const faults: PolicyFaults = {}
  const readCount = (field: 'last' | 'best', text: string): number => {
    const count = text.trim() === '' ? Number.NaN : Number(text)
    if (!Number.isInteger(count) || count < 1 || count > countMax)
      faults[field] = `A whole number from 1 to ${formatCount(countMax)}`
    return count
  }
  const rules: CheckpointPolicy = {
    ...(draft.hasLast ? { last: readCount('last', draft.last) } : {}),
    ...(draft.hasBest
      ? { best: { metric: draft.metric, goal: draft.goal, count: readCount('best', draft.best) } }
      : {}),
    ...(draft.hasEvery ? { everySteps: Number(draft.every) } : {}),
  }
  if (draft.hasBest && draft.metric === '') faults.metric = 'No checkpoint has a metric yet'
  if (draft.hasEvery && !(Number(draft.every) > 0 && Number.isFinite(Number(draft.every))))
    faults.every = 'A number above 0'
  const hasRules = draft.hasLast || draft.hasBest || draft.hasEvery
  if (hasRules && draft.kinds.length === 0) faults.kinds = 'Choose at least one, or no rule'
  if (Object.keys(faults).length > 0) return { policy: undefined, faults }
  if (!hasRules) return { policy: null, faults }
  const isAny = checkpointKinds.every((kind) => draft.kinds.includes(kind))
  const kinds = checkpointKinds.filter((kind) => draft.kinds.includes(kind))
  return { policy: isAny ? rules : { ...rules, kinds }, faults }
}

/** What stays, as the end of a sentence that begins with «By the rules»; null without rules. */
export function describePolicy(policy: CheckpointPolicy | null): string | null {
  const { last, best, everySteps, kinds } = policy ?? {}
  const parts = [
    last === undefined ? [] : [last === 1 ? 'the youngest' : `the ${formatCount(last)} youngest`],
    best === undefined
      ? []
      : [`${best.count === 1 ? 'the best' : `the ${formatCount(best.count)} best`} by ${best.metric}`],
    everySteps === undefined ? [] : [`the first in every ${formatCount(everySteps)} steps`],
  ].flat()
  const final = parts.pop()
  if (final === undefined) return null
  const stay = parts.length === 0 ? final : `${parts.join(', ')} and ${final}`
  return `${stay} stay${kinds === undefined ? '' : `, and all that are not ${kinds.join(' or ')}`}`
}
