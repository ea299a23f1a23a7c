/** Logs on rented machines in the storage: how far each was read, and the job that it became. */
import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path/posix'
import { formatSource, type InstanceFacts, isEnded, jobCreate, type JobCreate } from '@pilothouse/contract'
import type { LogPlace } from '@pilothouse/fleet'
import { parseJson } from '../jobs/parse-json.ts'
import { putJob } from '../jobs/put-job.ts'
import { formatOutputReport, type OutputReport } from '../launches/format-output-report.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { appendReport } from '../telemetry/append-reports.ts'

/** `file`: on the machine, over ssh. `container`: the last lines of what the provider keeps, as it told them last, and how many they were. */
export type FollowedPlace = { kind: 'file'; place: LogPlace } | { kind: 'container'; tail: string[]; ended: number }

export type FollowedMachine = {
  id: number
  facts: InstanceFacts
  place: FollowedPlace | null
  /** Another job that runs there tells of itself. */
  isTold: boolean
}

/** Machines of an account that are there. */
const listFollowed: Operation<{ accountId: number }, FollowedMachine[]> = async ({ db }, { accountId }) => {
  const rows = await db
    .selectFrom('instance')
    .leftJoin('instance_log', 'instance_log.instance_id', 'instance.id')
    .leftJoin('job', 'job.uid', 'instance.job_uid')
    .select(['instance.id', 'instance.facts', 'instance.job_uid'])
    .select(['instance_log.place', 'instance_log.job_uid as log_uid', 'job.state'])
    .where('instance.account_id', '=', accountId)
    .where('instance.gone_ms', 'is', null)
    .orderBy('instance.id')
    .execute()
  return rows.map(({ id, facts, place, state, job_uid, log_uid }) => ({
    id,
    facts: parseJson<InstanceFacts>(facts), // written by a look at the account
    place: place === null ? null : parseJson<FollowedPlace>(place), // written below
    isTold: state !== null && !isEnded(state) && job_uid !== log_uid,
  }))
}

/** By index: what nvidia-smi says, in units of resource keys. */
export type GpuValues = { index: number; values: Record<string, number> }[]

type LogNote = {
  id: number
  /** What this goes on from. */
  before: FollowedPlace | null
  place: FollowedPlace
  report: Omit<OutputReport, 'state'>
  gpus: GpuValues
}

/**
 * Stores what a log says and how far it was read, at once. The first line makes a job of it, another file another job.
 * One that somebody has deleted does not come back.
 */
const noteLog: Operation<LogNote, null> = async (context, { id, before, place, report, gpus }) => {
  const { db } = context
  const machine = await db
    .selectFrom('instance')
    .innerJoin('provider_account', 'provider_account.id', 'instance.account_id')
    .leftJoin('instance_log', 'instance_log.instance_id', 'instance.id')
    .select(['instance.name', 'instance.target', 'instance.facts', 'provider_account.owner_id'])
    .select(['instance_log.place', 'instance_log.job_uid'])
    .where('instance.id', '=', id)
    .executeTakeFirst()
  // An answer was lost on its way: it is stored. Or the account is no more.
  if (!machine || (machine.place ?? null) !== (before && JSON.stringify(before))) return null
  const facts = parseJson<InstanceFacts>(machine.facts)
  const uid = nameJob(facts, place)
  const isKnown = machine.job_uid === uid
  const own = { uid, memberId: machine.owner_id, target: machine.target, facts, place }
  const isJob = isKnown || report.lines.length > 0
  if (isJob) await tell(context, own, { report, gpus, isKnown })
  if (isJob && !isKnown) await db.updateTable('instance').set({ job_uid: uid }).where('id', '=', id).execute()
  const values = { place: JSON.stringify(place), job_uid: isJob ? uid : '' }
  await db
    .insertInto('instance_log')
    .values({ instance_id: id, ...values })
    .onConflict((conflict) => conflict.column('instance_id').doUpdateSet(values))
    .execute()
  return null
}

export const instanceLogOperations = { 'instances.followed': listFollowed, 'instances.note-log': noteLog }
export const instanceLogReads = ['instances.followed'] as const

const writer = 'machine'

type LogJob = { uid: string; memberId: number; target: string; facts: InstanceFacts; place: FollowedPlace }
type Told = Pick<LogNote, 'report' | 'gpus'> & { isKnown: boolean }

async function tell(context: StorageContext, job: LogJob, { report, gpus, isKnown }: Told): Promise<void> {
  const { uid, memberId, target } = job
  const actor = { memberId, all: true, jobUid: null }
  let found = await findPlace(context, uid)
  if (found === undefined && isKnown) return
  if (found === undefined) {
    await putJob(context, { uid, body: jobCreate.parse(describeJob(job)), actor })
    found = await findPlace(context, uid)
  }
  if (found === undefined) return
  const step = report.points.at(-1)?.step ?? 0
  const more = gpus
    .filter(({ values }) => Object.keys(values).length > 0)
    .map(({ index, values }) => ({ source: formatSource({ kind: 'gpu', host: target, index }), step, values }))
  const place = { writer, attempt: found.attempt, number: (found.upto ?? 0) + 1 }
  const bytes = formatOutputReport({ ...report, state: null }, { ...place, now: context.now(), offsetMs: 0, more })
  await appendReport(context, { uid, actor, format: 'json', bytes })
}

function findPlace({ db }: StorageContext, uid: string): Promise<{ attempt: number; upto: number | null } | undefined> {
  return db
    .selectFrom('job')
    .leftJoin('writer', (join) =>
      join
        .onRef('writer.job_id', '=', 'job.id')
        .onRef('writer.attempt', '=', 'job.attempt')
        .on('writer.writer', '=', writer),
    )
    .select(['job.attempt', 'writer.upto'])
    .where('job.uid', '=', uid)
    .executeTakeFirst()
}

function describeJob({ target, facts, place }: LogJob): JobCreate {
  const { gpuName, gpuCount, image, provider, id } = facts
  const gpus = Array.from({ length: gpuName === null ? 0 : gpuCount }, (_, index) => ({ index, name: gpuName ?? '' }))
  return {
    name: place.kind === 'file' ? basename(dirname(place.place.path)) || target : target,
    target,
    tags: ['from-log'],
    notes: `Read from ${place.kind === 'file' ? place.place.path : 'the log of its container'} on ${provider} ${id}${image === null ? '' : `, ${image}`}.`,
    hardware: { host: target, gpus },
    attempt: { host: target },
  }
}

/** The same log is the same job, whoever reads it. */
function nameJob({ provider, id }: InstanceFacts, place: FollowedPlace): string {
  const path = place.kind === 'file' ? place.place.path : ''
  const hash = createHash('sha256').update(`${provider} ${id} ${path}`).digest('hex').slice(0, 8)
  return `${provider}-${id.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 40)}-${hash}`
}
