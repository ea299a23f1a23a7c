/** Puts what is wrong with `clusters.yaml` into words that say what to do. */
import { clusterEnvironment, clusterSettings, clustersFile, isNear } from '@pilothouse/contract'
import type { z } from 'zod'

export type Path = readonly (string | number)[]
/** `key`: it is about this key of what is at `path`, else about its value. */
export type Fault = { path: Path; key?: string; message: string }

/** What YAML refuses: `code` and `message` are those of its library. */
export function explainNotation(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'This line begins with a tab. YAML wants spaces there.'
    case 'DUPLICATE_KEY':
      return 'This key stands in the same place twice. Remove one of them.'
    case 'MULTIPLE_DOCS':
      return 'Here a second document begins. Remove the line «---»; all clusters stand below one «clusters:».'
    default:
      return `This is not valid YAML: ${message}. Look at the indentation, quotes and brackets here and in the line before.`
  }
}

/** What the schema refuses in `file`. One issue may be about several keys. */
export function explainIssue(issue: z.core.$ZodIssue, file: unknown): Fault[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path, key, message: describeUnknownKey(key, path, file) }))
  const value = followPath(file, path)
  const name = `«${path.findLast((step) => typeof step === 'string') ?? 'clusters'}»${describeOwner(path, file)}`
  const wanted = describeWanted(issue)
  if (value === undefined) return [{ path, message: `${name} is missing: write ${wanted}.` }]
  if (value === '') return [{ path, message: `${name} is empty: write ${wanted}.` }]
  return [{ path, message: `${name} is ${describeValue(value)}: write ${wanted}.` }]
}

function describeWanted(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return issue.values.map(String).join(' or ')
  if (issue.code === 'too_big') return `at most ${String(issue.maximum)} of them, or fewer letters`
  if (issue.code !== 'invalid_type') return issue.message
  switch (issue.expected) {
    case 'string':
      return 'a text behind the colon'
    case 'array':
      return 'a list, as [one, two], or «- one» on a line of its own for each'
    default:
      return 'its settings below it, indented'
  }
}

function describeUnknownKey(key: string, path: Path, file: unknown): string {
  const { shape } = path.length === 0 ? clustersFile : path.length === 2 ? clusterSettings : clusterEnvironment
  const known = Object.keys(shape)
  const near = known.find((one) => isNear(one, key.toLowerCase().replaceAll('-', '_')))
  const next = near === undefined ? `There are ${known.join(', ')}.` : `Did you mean «${near}»?`
  return `«${key}»${describeOwner(path, file)} is no setting. ${next}`
}

/** « of the cluster «dgx»», or nothing for what belongs to none. */
function describeOwner(path: Path, file: unknown): string {
  const [list, at] = path
  if (list !== 'clusters' || typeof at !== 'number') return ''
  const name = followPath(file, [list, at, 'name'])
  return typeof name === 'string' && name !== '' ? ` of the cluster «${name}»` : ` of cluster ${at + 1}`
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return `«${value.length > 60 ? `${value.slice(0, 60)}…` : value}»`
  return Array.isArray(value) ? 'a list' : 'a group of settings'
}

function followPath(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[step] : undefined), // read from YAML
    value,
  )
}
