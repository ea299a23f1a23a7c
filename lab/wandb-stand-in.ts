/**
 * A STAND-IN for the API of Weights & Biases, for tests: it is not W&B. It answers what pilothouse asks, and what the official
 * Python client asks when it reads a run and its history, which is how its shapes are checked
 * (`packages/server/src/wandb/official-client.test.ts`). Rows are kept as W&B hands them out: lines of JSON by `_step`.
 */
import { createServer, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

export type StandInRow = Record<string, unknown> & { _step: number }
export type StandInRun = {
  entity: string
  project: string
  name: string
  displayName: string
  state: string
  heartbeatAt: string
  rows: StandInRow[]
  summary: Record<string, unknown>
}
/** In place of an answer. */
export type StandInRefusal = { status: number; headers?: Record<string, string>; body?: string }
type Variables = Record<string, unknown>

export type WandbStandIn = {
  url: string
  /** The key that it takes. */
  key: string
  /** `minStep` of each question for a history, in order. */
  asked: { run: string; minStep: number; maxStep: number }[]
  /** Requests of all kinds. */
  requests: number
  /** Answered first, in order. */
  refusals: StandInRefusal[]
  addRun(run: Partial<StandInRun> & { name: string }): StandInRun
  close(): Promise<void>
}

const noEdges = { edges: [] }
const viewer = {
  id: 'VXNlcjox',
  name: 'A',
  username: 'a-member',
  entity: 'lab',
  email: 'a@example.org',
  admin: false,
  flags: '{}',
  deletedAt: null,
  apiKeys: noEdges,
  teams: noEdges,
}

/** Starts one on a free port of this machine. */
export async function startWandbStandIn(key = '0123456789abcdef0123456789abcdef01234567'): Promise<WandbStandIn> {
  const runs: StandInRun[] = []
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      standIn.requests += 1
      const { status, headers = {}, body = '' } = answer(request, text)
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
    })
  })
  const answer = (request: IncomingMessage, text: string): StandInRefusal => {
    const refusal = standIn.refusals.shift()
    if (refusal) return refusal
    if (request.url !== '/graphql') return { status: 404, body: '{}' }
    const given = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString()
    if (given !== `api:${standIn.key}`) return { status: 401, body: JSON.stringify({ error: 'permission denied' }) }
    const { query, variables = {} } = JSON.parse(text) as { query: string; variables?: Variables } // a GraphQL request
    return { status: 200, body: JSON.stringify({ data: resolve(query, variables) }) }
  }
  const resolve = (query: string, variables: Variables): unknown => {
    if (query.includes('viewer')) return { viewer }
    if (!query.includes('project(')) return {}
    const name = variables['run'] ?? variables['name'] ?? variables['runName']
    const run = runs.find((one) => one.entity === variables['entity'] && one.name === name)
    if (!run || run.project !== variables['project']) return { project: null }
    const minStep = variables['minStep']
    if (typeof minStep === 'number')
      standIn.asked.push({ run: run.name, minStep, maxStep: Number(variables['maxStep']) })
    return { project: { internalId: 'UHJvamVjdDox', run: { projectId: '1', ...describe(run, query, variables) } } }
  }
  const standIn: WandbStandIn = {
    url: '',
    key,
    asked: [],
    requests: 0,
    refusals: [],
    addRun: (made) => {
      const heartbeatAt = new Date().toISOString().slice(0, 19)
      const empty = {
        entity: 'lab',
        project: 'demo',
        displayName: 'brisk-field-1',
        state: 'running',
        rows: [],
        summary: {},
      }
      const run = { ...empty, heartbeatAt, ...made }
      runs.push(run)
      return run
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  standIn.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
  return standIn
}

/** The fields of a run that the query names, as far as they depend on the run. */
function describe(run: StandInRun, query: string, variables: Variables): Record<string, unknown> {
  const { rows } = run
  const from = Number(variables['minStep'] ?? 0)
  const to = Number(variables['maxStep'] ?? Infinity)
  const samples = Number(variables['samples'] ?? variables['pageSize'] ?? 500)
  const inRange = rows.filter(({ _step }) => _step >= from && _step < to)
  return {
    id: 'UnVuOjE=',
    name: run.name,
    displayName: run.displayName,
    state: run.state,
    tags: [],
    sweepName: null,
    config: '{}',
    group: null,
    jobType: null,
    commit: null,
    readOnly: false,
    createdAt: run.heartbeatAt,
    heartbeatAt: run.heartbeatAt,
    description: null,
    notes: null,
    systemMetrics: '{}',
    summaryMetrics: JSON.stringify(run.summary),
    historyLineCount: rows.length,
    user: { name: 'A', username: 'a-member' },
    historyKeys: listKeys(rows),
    ...(/\bhistory\(/.test(query) ? { history: thin(inRange, samples).map((row) => JSON.stringify(row)) } : {}),
    ...(query.includes('sampledHistory')
      ? { sampledHistory: readSpecs(variables).map((spec) => sample(rows, spec)) }
      : {}),
    ...(query.includes('parquetHistory') ? { parquetHistory: { parquetUrls: [], liveData: rows } } : {}),
  }
}

/** As W&B has it: null before the first row. */
function listKeys(rows: readonly StandInRow[]): unknown {
  if (rows.length === 0) return null
  const keys: Record<string, unknown> = {}
  for (const row of rows) {
    for (const [key, value] of Object.entries(row)) {
      keys[key] ??= { typeCounts: [{ type: typeof value, count: 1 }], monotonic: false, previousValue: value }
    }
  }
  return { step: 0, lastStep: Math.max(...rows.map(({ _step }) => _step)), keys, sets: [] }
}

/** At most so many, evenly. */
function thin<Row>(rows: readonly Row[], samples: number): Row[] {
  if (rows.length <= samples) return [...rows]
  return Array.from({ length: samples }, (_, at) => rows[Math.floor((at * rows.length) / samples)]).flatMap(
    (row) => row ?? [],
  )
}

type Spec = { keys: string[]; samples: number }

function readSpecs({ specs, spec }: Variables): Spec[] {
  const texts = Array.isArray(specs) ? specs : [spec]
  return texts.map((text) => JSON.parse(String(text)) as Spec) // as the client wrote it
}

function sample(rows: readonly StandInRow[], { keys, samples }: Spec): unknown[] {
  const whole = rows.filter((row) => keys.every((key) => key in row))
  return thin(whole, samples).map((row) => Object.fromEntries(keys.map((key) => [key, row[key]])))
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}
