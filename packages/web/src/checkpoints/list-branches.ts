/** The tree of a job's branches. Pure. */
import type { Branch, Command } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'

export type BranchRow = Branch & { depth: number }

/** Each branch below the one that it forked from, older forks first. */
export function listBranches(branches: readonly Branch[]): BranchRow[] {
  const list = (parent: number | null, depth: number): BranchRow[] =>
    depth > branches.length
      ? []
      : branches
          .filter((branch) => branch.parent === parent)
          .toSorted((one, other) => one.number - other.number)
          .flatMap((branch) => [{ ...branch, depth }, ...list(branch.number, depth + 1)])
  return list(null, 0)
}

/**
 * The steps of each branch that belong to the history of `tip`: its own, and those of its ancestors up to each fork. The same
 * as the server's `chainBranches`.
 */
export function listChain(branches: readonly Branch[], tip: number): Map<number, number> {
  const chain = new Map<number, number>()
  let stepMax = Infinity
  let branch = branches.find(({ number }) => number === tip)
  while (branch && !chain.has(branch.number)) {
    chain.set(branch.number, stepMax)
    stepMax = Math.min(stepMax, branch.forkStep ?? Infinity)
    const { parent } = branch
    branch = branches.find(({ number }) => number === parent)
  }
  return chain
}

/** A branch, and how it came from the first one, in words. */
export function describeLineage(branches: readonly Branch[], number: number): string {
  const steps = [...listChain(branches, number).keys()].slice(1)
  let words = `branch ${number}`
  let at = number
  for (const parent of steps) {
    const { forkStep = null } = branches.find((branch) => branch.number === at) ?? {}
    words += `, which began at step ${formatCount(forkStep ?? 0)} of branch ${parent}`
    at = parent
  }
  return words
}

type Rollback = Extract<Command, { kind: 'rollback' }>

/**
 * The rollback that a branch began with, among the commands that are known: to its step (points up to the one before belong
 * to the checkpoint), and of several the one that was carried out when the branch began.
 */
export function findRollback({ forkStep, createdAt }: Branch, commands: readonly Command[]): Rollback | undefined {
  const distanceOf = ({ settledAt }: Rollback): number => Math.abs((settledAt ?? 0) - createdAt)
  return commands
    .filter((one): one is Rollback => one.kind === 'rollback' && one.state === 'applied')
    .filter(({ body }) => forkStep !== null && Math.abs(body.step - forkStep) <= 1)
    .toSorted((one, other) => distanceOf(one) - distanceOf(other))[0]
}
