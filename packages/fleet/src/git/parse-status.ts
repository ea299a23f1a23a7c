/** Reads `git status --porcelain=v2 --branch -z --no-renames` (git-status, «Porcelain Format Version 2»). */

export type FileState = 'modified' | 'added' | 'deleted' | 'conflicted' | 'untracked'
export type GitStatus = {
  /** null before the first commit. */
  commit: string | null
  /** null where no branch is checked out. */
  branch: string | null
  upstream: { name: string; ahead: number | null; behind: number | null } | null
  changed: number
  untracked: number
  /** The first `filesMax` of both. */
  files: { path: string; state: FileState }[]
}

export function parseStatus(output: Buffer, filesMax: number): GitStatus {
  const status: GitStatus = { commit: null, branch: null, upstream: null, changed: 0, untracked: 0, files: [] }
  for (const record of output.toString('utf8').split('\0')) {
    if (record.startsWith('# ')) readHead(status, record.slice(2))
    else readFile(status, record, filesMax)
  }
  return status
}

function readHead(status: GitStatus, text: string): void {
  const [word = '', ...rest] = text.split(' ')
  const value = rest.join(' ')
  switch (word) {
    case 'branch.oid':
      status.commit = value === '(initial)' ? null : value
      break
    case 'branch.head':
      status.branch = value === '(detached)' ? null : value
      break
    case 'branch.upstream':
      status.upstream = { name: value, ahead: null, behind: null }
      break
    case 'branch.ab': {
      const counts = /^\+(\d+) -(\d+)$/.exec(value)
      if (counts && status.upstream)
        status.upstream = { ...status.upstream, ahead: Number(counts[1]), behind: Number(counts[2]) }
      break
    }
    default: // a later git may tell more
  }
}

/** Fields before the path, by the kind of record. */
const fieldsBefore: Record<string, number> = { '1': 8, u: 10, '?': 1 }

function readFile(status: GitStatus, record: string, filesMax: number): void {
  const [kind = '', change = ''] = record.split(' ', 2)
  const fields = fieldsBefore[kind]
  if (fields === undefined) return
  const path = record.split(' ').slice(fields).join(' ')
  if (kind === '?') status.untracked += 1
  else status.changed += 1
  if (status.files.length < filesMax) status.files.push({ path, state: stateOf(kind, change) })
}

function stateOf(kind: string, change: string): FileState {
  if (kind === '?') return 'untracked'
  if (kind === 'u') return 'conflicted'
  if (change.includes('D')) return 'deleted'
  return change.includes('A') ? 'added' : 'modified'
}
