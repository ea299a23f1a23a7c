/** What was done to a job while it ran, as marks on its charts: changes of parameters and rollbacks. Pure. */
import type { Branch, Command, ParameterChange } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import type { Annotation } from '../charts/annotations.ts'
import { findRollback, listChain } from '../checkpoints/list-branches.ts'
import { formatParameter, nameGiver } from './describe-command.ts'

type Told = {
  changes: readonly ParameterChange[]
  commands: readonly Command[]
  branches: readonly Branch[]
  /** The one that is drawn. */
  branch: number
}

/** A script that moves a value with every step draws a curve, which is in its metrics: more marks than these say nothing. */
const scriptMarksMax = 20

/** Marks of the history of one branch, oldest first. What happened on a branch beside it is not its history. */
export function listSteeringMarks({ changes, commands, branches, branch }: Told): Annotation[] {
  const chain = listChain(branches, branch)
  const isOwn = (on: number, step: number | null): boolean => {
    const stepMax = chain.get(on)
    return stepMax !== undefined && (step === null || step <= stepMax)
  }
  const own = changes.filter(({ branch: on, step, old }) => old !== null && isOwn(on, step))
  const byScript = own.filter(({ cause }) => cause === 'script').length
  const shown = own.filter(({ cause }) => cause !== 'script' || byScript <= scriptMarksMax)
  const forks = branches.filter(({ number, parent }) => parent !== null && chain.has(number))
  const marks = [...markChanges(shown), ...forks.map((fork) => markFork(fork, commands))]
  return marks.toSorted((one, other) => one.time - other.time)
}

/** Those of one step stand in one mark. */
function markChanges(changes: readonly ParameterChange[]): Annotation[] {
  const groups = Map.groupBy(changes.toReversed(), ({ branch, step, at, cause }) =>
    JSON.stringify([branch, step ?? at, cause]),
  )
  return [...groups.values()].flatMap((group): Annotation[] => {
    const [first] = group
    if (!first) return []
    const { id, step, epoch, at, cause } = first
    const what = group.map(
      ({ key, old, value }) => `${key} ${old === null ? '' : `${formatParameter(old)} → `}${formatParameter(value)}`,
    )
    const who =
      cause === 'schedule'
        ? 'a schedule'
        : cause === 'restore'
          ? 'with its checkpoint'
          : cause === 'script'
            ? 'the script'
            : nameGiver(first)
    const title = `${what.join(', ')}${step === null ? '' : ` at step ${formatCount(step)}`}, ${who}`
    return [{ id: `change-${id}`, kind: 'change', letter: 'Δ', title, series: null, step, epoch, time: at }]
  })
}

function markFork(fork: Branch, commands: readonly Command[]): Annotation {
  const { number, parent, forkStep, forkEpoch, createdAt } = fork
  const rollback = findRollback(fork, commands)
  const from = rollback?.step ?? null
  const where = rollback ? ` («${rollback.body.name}»)` : ''
  const title = `Back to step ${formatCount(forkStep ?? 0)}${where}${from === null || from === forkStep ? '' : ` from step ${formatCount(from)}`}: branch ${number} leaves branch ${parent ?? 0}${rollback ? `, ${rollback.by?.name ?? 'pilothouse'}` : ''}`
  return {
    id: `fork-${number}`,
    kind: 'fork',
    letter: '↩',
    title,
    series: null,
    step: forkStep,
    epoch: forkEpoch,
    time: createdAt,
  }
}
