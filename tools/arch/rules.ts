import type { IForbiddenRuleType } from 'dependency-cruiser'
import { arrows } from './arrows.ts'

const tests = String.raw`\.test\.tsx?$|/tests/`

/** What a module must not import. Paths are relative to the folder that is cruised. */
export const rules: IForbiddenRuleType[] = [
  ...Object.entries(arrows).map(([name, allowed]) => forbidPackages(name, allowed)),
  {
    name: 'no-cycle',
    comment: 'Modules that import each other cannot be understood or tested apart. Types only are exempt.',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'no-unresolvable',
    comment: 'The import leads nowhere.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true, pathNot: String.raw`^node:|\.css$|\?url$|^virtual:` },
  },
  {
    name: 'no-import-of-tests',
    comment: 'What runs does not import what tests it.',
    severity: 'error',
    from: { pathNot: tests },
    to: { path: tests },
  },
  {
    name: 'package-through-its-index',
    comment: 'Another package is imported by its name, never by a file inside it.',
    severity: 'error',
    from: { path: '^packages/([^/]+)/' },
    to: { path: '^packages/[^/]+/', pathNot: ['^packages/$1/', String.raw`/src/(index|wire|sending|top)\.ts$`] },
  },
  {
    name: 'pure-packages',
    comment: 'contract and signals hold decisions and words; what they need of the world is passed in.',
    severity: 'error',
    from: { path: '^packages/(contract|signals)/', pathNot: tests },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'live-knows-no-nouns',
    comment: 'The hub carries messages of every noun and knows none of them.',
    severity: 'error',
    from: { path: '^packages/server/src/live/', pathNot: tests },
    to: { path: '^packages/server/src/(jobs|telemetry|logs|metrics)/' },
  },
]

/** What must not be reached through others either; imports of types alone do not count, because they load nothing. */
export const reachRules: IForbiddenRuleType[] = [
  {
    name: 'storage-knows-no-http',
    comment: 'What runs in the storage thread cannot reach a request: pass plain data into the operation.',
    severity: 'error',
    from: { path: '^packages/server/src/storage/', pathNot: tests },
    to: { reachable: true, path: ['^packages/server/src/http/', 'node_modules/(fastify|@fastify)/'] },
  },
]

function forbidPackages(name: string, allowed: readonly string[]): IForbiddenRuleType {
  const others = Object.keys(arrows).filter((other) => other !== name && !allowed.includes(other))
  return {
    name: `arrows-of-${name}`,
    comment: `${name} may import ${allowed.join(', ') || 'no other package'}.`,
    severity: 'error',
    from: { path: `^packages/${name}/`, pathNot: tests },
    to: { path: `(^|/)packages/(${[...others, '-'].join('|')})/` },
  }
}
