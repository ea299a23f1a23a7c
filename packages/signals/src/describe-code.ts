/** How the code of a project stands, in the few words that page and terminal have room for. */
import type { CodeFacts } from '@pilothouse/contract'
import { formatCount } from './format.ts'

/** `main @ 3f2c1a0`; what is missing of it is said. */
export function describeHead({ isGit, branch, commit }: CodeFacts): string {
  if (!isGit) return 'without git'
  if (commit === null) return `${branch ?? 'no branch'}, no commit yet`
  return `${branch ?? 'detached'} @ ${shortenCommit(commit.id)}`
}

/** As git shortens it. */
export function shortenCommit(id: string): string {
  return id.slice(0, 7)
}

/** `3 changed, 1 unknown`; null where the folder is as its commit. */
export function describeDirt({ changed, untracked }: CodeFacts): string | null {
  const parts = [
    ...(changed > 0 ? [`${formatCount(changed)} changed`] : []),
    ...(untracked > 0 ? [`${formatCount(untracked)} unknown`] : []),
  ]
  return parts.length > 0 ? parts.join(', ') : null
}

/** `2 ahead of, 1 behind origin/main`; null where the branch follows none. */
export function describeDistance({ upstream }: CodeFacts): string | null {
  if (upstream === null) return null
  const { name, ahead, behind } = upstream
  if (ahead === null || behind === null) return `follows ${name}, which is gone`
  if (ahead === 0 && behind === 0) return `level with ${name}`
  if (behind === 0) return `${formatCount(ahead)} ahead of ${name}`
  return ahead === 0
    ? `${formatCount(behind)} behind ${name}`
    : `${formatCount(ahead)} ahead of, ${formatCount(behind)} behind ${name}`
}
