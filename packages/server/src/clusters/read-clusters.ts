/** Reads the text of `clusters.yaml`: its clusters, or what is wrong with it and where. */
import { type ClusterFault, type ClusterSettings, clustersFile, type HostSettings } from '@pilothouse/contract'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { explainIssue, explainNotation, type Fault, type Path } from './explain-fault.ts'

/** Without faults these are all of them; with faults there are none. */
export type ClustersReading = { clusters: ClusterSettings[]; hosts: HostSettings[]; faults: ClusterFault[] }

/** More than somebody mends in one go. */
const faultsMax = 20

export function readClusters(text: string): ClustersReading {
  const lines = new LineCounter()
  // Every value is a text: no partition called «on» or «2080» turns into something else.
  const document = parseDocument(text, { lineCounter: lines, schema: 'failsafe', prettyErrors: false })
  const refuse = (faults: readonly { offset: number; message: string }[]): ClustersReading => ({
    clusters: [],
    hosts: [],
    faults: faults
      .toSorted((one, other) => one.offset - other.offset)
      .slice(0, faultsMax)
      .map(({ offset, message }) => ({ ...toPlace(lines, offset), message })),
  })
  const [wrong] = document.errors // what follows it is mostly its echo
  if (wrong) return refuse([{ offset: wrong.pos[0], message: explainNotation(wrong.code, wrong.message) }])
  const file = toValue(document)
  if (file instanceof Error) return refuse([{ offset: 0, message: `An alias leads nowhere: ${file.message}` }])
  if (!isMap(document.contents))
    return refuse([
      { offset: 0, message: 'The file begins with «clusters:» or «hosts:»; below it stands one «- name: …» for each.' },
    ])
  const read = clustersFile.safeParse(file)
  const faults = read.success
    ? findRepeated(read.data)
    : // A misspelt key explains the one that is missing.
      read.error.issues
        .toSorted((one, other) => Number(isUnknown(other)) - Number(isUnknown(one)))
        .flatMap((issue) => explainIssue(issue, file))
  if (read.success && faults.length === 0) return { ...read.data, faults: [] }
  return refuse(faults.map((fault) => ({ offset: findOffset(document, fault), message: fault.message })))
}

function isUnknown({ code }: { code: string }): boolean {
  return code === 'unrecognized_keys'
}

function toValue(document: Document): unknown {
  try {
    return document.toJS()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** What is right by itself and wrong beside the rest. */
function findRepeated({ clusters, hosts }: Pick<ClustersReading, 'clusters' | 'hosts'>): Fault[] {
  const seen = new Map<string, string>()
  const refuseSecond = (name: string, what: string, path: Path): Fault[] => {
    const first = seen.get(name)
    if (first === undefined) seen.set(name, what)
    return first === undefined
      ? []
      : [{ path, message: `There is a ${first} «${name}» already: give this one another name.` }]
  }
  return [
    ...clusters.flatMap(({ name, gpu_aliases = {} }, at) => [
      ...refuseSecond(name, 'cluster', ['clusters', at, 'name']),
      ...findRepeatedAliases(gpu_aliases, ['clusters', at, 'gpu_aliases']),
    ]),
    ...hosts.flatMap(({ name }, at) => refuseSecond(name, 'host', ['hosts', at, 'name'])),
  ]
}

function findRepeatedAliases(aliases: Readonly<Record<string, string[]>>, path: Path): Fault[] {
  const owners = new Map<string, string>()
  return Object.entries(aliases).flatMap(([alias, gres]) =>
    gres.flatMap((one): Fault[] => {
      const owner = owners.get(one.toLowerCase())
      owners.set(one.toLowerCase(), alias)
      if (owner === undefined) return []
      return [
        { path: [...path, alias], message: `«${one}» belongs to «${owner}» already: leave it out in one of them.` },
      ]
    }),
  )
}

/** Where the thing stands, or else the nearest around it. */
function findOffset(document: Document, { path, key }: Fault): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true)
    if (!isNode(node) || !node.range) continue
    const named = length === path.length && key !== undefined && isMap(node) ? findKey(node.items, key) : undefined
    return named ?? node.range[0]
  }
  return 0
}

function findKey(items: readonly { key: unknown }[], name: string): number | undefined {
  const found = items.find(({ key }) => isScalar(key) && key.value === name)?.key
  return isScalar(found) ? found.range?.[0] : undefined
}

function toPlace(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}
