/**
 * Questions to the GraphQL API of W&B, over the fields that its official Python client asks for (`wandb.apis.public`, and
 * `HistoryPage` of its core): `POST {base}/graphql`, Basic authentication as the user `api`. What comes back is checked; what
 * goes wrong is told as what to do about it, never with the key in it.
 */
import { PilothouseError, toWandbPage } from '@pilothouse/contract'
import { z } from 'zod'
import type { PostJson } from '../channels/post-json.ts'

export type RunQuestion = {
  baseUrl: string
  key: string
  entity: string
  project: string
  run: string
  /** First step, first step that is not asked for, and how many rows at most: beyond it W&B leaves some out. */
  minStep: number
  maxStep: number
  samples: number
}

export type RunAnswer = {
  name: string | null
  state: string
  heartbeatMs: number | null
  /** −1 before the first. */
  lastStep: number
  keyCount: number
  /** As JSON, by step. */
  history: readonly string[]
  /** As JSON. */
  summary: string | null
}

/** `refused`: the key is of no use; `missing`: no such run, or not for this key; `delayed`: later perhaps. */
export type WandbFault = {
  fault: 'refused' | 'missing' | 'delayed'
  message: string
  retryAfterMs: number | null
}
export type Asked<Value> = { value: Value } | WandbFault

export type AskWandb = {
  /** The run, and the rows of its history in a range of steps. */
  run(question: RunQuestion): Promise<Asked<RunAnswer>>
  /** Whose the key is. */
  viewer(server: { baseUrl: string; key: string }): Promise<Asked<{ user: string }>>
}

const runQuery = `query RunHistory($entity: String!, $project: String!, $run: String!, $minStep: Int64!, $maxStep: Int64!, $samples: Int!) {
  project(name: $project, entityName: $entity) {
    run(name: $run) {
      displayName
      state
      heartbeatAt
      historyKeys
      summaryMetrics
      history(minStep: $minStep, maxStep: $maxStep, samples: $samples)
    }
  }
}`
const viewerQuery = 'query Viewer { viewer { username entity } }'

const runData = z.object({
  project: z
    .object({
      run: z
        .object({
          displayName: z.string().nullish(),
          state: z.string().nullish(),
          heartbeatAt: z.string().nullish(),
          historyKeys: z
            .object({ lastStep: z.number().nullish(), keys: z.record(z.string(), z.unknown()).nullish() })
            .nullish(),
          summaryMetrics: z.string().nullish(),
          history: z.array(z.string()).nullish(),
        })
        .nullish(),
    })
    .nullish(),
})
const viewerData = z.object({
  viewer: z.object({ username: z.string().nullish(), entity: z.string().nullish() }).nullish(),
})
const envelope = z.object({ data: z.unknown() })
const graphqlErrors = z.object({ errors: z.array(z.object({ message: z.string() })).min(1) })

/** Characters of what W&B says of an error. */
const wordsMax = 300

/** Questions over the way that `post` is: one for addresses of this machine too where `mayBePrivate` says so. */
export function makeAskWandb(postTo: (baseUrl: string) => PostJson): AskWandb {
  return {
    run: async ({ baseUrl, key, ...variables }) => {
      const asked = await ask(postTo(baseUrl), { baseUrl, key, query: runQuery, variables }, runData)
      if ('fault' in asked) return asked
      const run = asked.value.project?.run
      return run ? { value: toAnswer(run) } : missing(baseUrl, variables)
    },
    viewer: async ({ baseUrl, key }) => {
      const asked = await ask(postTo(baseUrl), { baseUrl, key, query: viewerQuery, variables: {} }, viewerData)
      if ('fault' in asked) return asked
      const user = asked.value.viewer?.username ?? asked.value.viewer?.entity
      return user ? { value: { user } } : refused(baseUrl)
    },
  }
}

type Question = { baseUrl: string; key: string; query: string; variables: object }

async function ask<Schema extends z.ZodType>(
  post: PostJson,
  { baseUrl, key, query, variables }: Question,
  schema: Schema,
): Promise<Asked<z.output<Schema>>> {
  const authorization = `Basic ${Buffer.from(`api:${key}`).toString('base64')}`
  try {
    const body = JSON.stringify({ query, variables })
    const { status, text, retryAfterMs } = await post(`${baseUrl}/graphql`, body, { authorization })
    const json = parse(text)
    const told = graphqlErrors.safeParse(json)
    const words = told.success ? told.data.errors.map(({ message }) => message).join('; ') : ''
    if (status !== 200 || told.success) return explain(status, { baseUrl, words, retryAfterMs })
    const data = schema.safeParse(envelope.safeParse(json).data?.data)
    if (data.success) return { value: data.data }
    return delayed(`${baseUrl} answered something else than W&B does. Look whether it is the address of a W&B server.`)
  } catch (error) {
    if (!(error instanceof PilothouseError)) throw error
    return error.code === 'forbidden'
      ? { fault: 'refused', message: error.message, retryAfterMs: null }
      : delayed(`${error.message} It is tried again.`)
  }
}

type Refusal = { baseUrl: string; words: string; retryAfterMs: number | null }

/** By status, and by words where W&B says it with 200. */
function explain(status: number, { baseUrl, words, retryAfterMs }: Refusal): WandbFault {
  const quoted = words === '' ? '' : `: ${words.slice(0, wordsMax)}`
  if (status === 401) return refused(baseUrl)
  if (status === 403 || /permission denied|forbidden|unauthorized/i.test(words))
    return { ...refused(baseUrl), message: `W&B does not let this key see the run${quoted || ' (403)'}.` }
  if (status === 404 || /not found|could not find/i.test(words))
    return {
      fault: 'missing',
      message: `W&B does not know the run, or this key may not see it${quoted || ' (404)'}.`,
      retryAfterMs: null,
    }
  if (status === 429)
    return { fault: 'delayed', message: 'W&B asks for a pause: too many questions (429).', retryAfterMs }
  if (status >= 300 && status < 400)
    return delayed(`${baseUrl} leads elsewhere (${status}). Enter the key for the address that it leads to.`)
  return { ...delayed(`W&B answered ${status}${quoted}. It is tried again.`), retryAfterMs }
}

function refused(baseUrl: string): WandbFault {
  const page = toWandbPage(baseUrl)
  return {
    fault: 'refused',
    message: `W&B refused the key (401). A new one is at ${page}/authorize.`,
    retryAfterMs: null,
  }
}

function missing(
  baseUrl: string,
  { entity, project, run }: Pick<RunQuestion, 'entity' | 'project' | 'run'>,
): WandbFault {
  const path = `${entity}/${project}/${run}`
  const message = `${toWandbPage(baseUrl)} has no run ${path}, or this key may not see it. The key has to be of a member of «${entity}».`
  return { fault: 'missing', message, retryAfterMs: null }
}

function delayed(message: string): WandbFault {
  return { fault: 'delayed', message, retryAfterMs: null }
}

type Run = NonNullable<NonNullable<z.output<typeof runData>['project']>['run']>

function toAnswer({ displayName, state, heartbeatAt, historyKeys, summaryMetrics, history }: Run): RunAnswer {
  return {
    name: displayName ?? null,
    state: state ?? 'unknown',
    heartbeatMs: readTime(heartbeatAt),
    lastStep: historyKeys?.lastStep ?? -1,
    keyCount: Object.keys(historyKeys?.keys ?? {}).length,
    history: history ?? [],
    summary: summaryMetrics ?? null,
  }
}

/** W&B writes UTC, often without saying so. */
function readTime(text: string | null | undefined): number | null {
  if (!text) return null
  const at = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`)
  return Number.isNaN(at) ? null : at
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
