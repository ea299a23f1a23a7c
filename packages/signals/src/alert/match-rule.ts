/** Which jobs, sources and keys a rule is about. */
import type { AlertScope } from '@pilothouse/contract'

/** True when `text` is `pattern`, each `*` of which stands for any text. In time linear in the text for each part. */
export function matchesPattern(pattern: string, text: string): boolean {
  const [first = '', ...parts] = pattern.split('*')
  const last = parts.pop()
  if (last === undefined) return pattern === text
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let at = first.length
  for (const part of parts) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return at <= text.length - last.length
}

/** True when a rule with `scope` looks at this job. */
export function isInScope(scope: AlertScope, job: { uid: string; project: string }): boolean {
  switch (scope.kind) {
    case 'all':
      return true
    case 'project':
      return scope.project === job.project
    case 'job':
      return scope.job === job.uid
    default:
      return scope satisfies never
  }
}
