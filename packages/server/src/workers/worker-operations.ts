/** Workers that are launched from here, in the storage: each is written together with its token and the job that it runs as. */
import type { JobState, LaunchSpec, TargetKind } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { type Author, createToken } from '../access/access-operations.ts'
import { createLaunches } from '../launches/launch-operations.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { nameWorkers, writeWorkerSpec } from './plan-workers.ts'

type NewWorkers = {
  memberId: number
  by: Author
  kind: TargetKind
  /** Without their names. */
  spec: LaunchSpec
  /** They are submitted as one array, which is called so. */
  array: string | null
  url: string
  /** Port of the loopback over there that leads here; null: none is needed. */
  farPort: number | null
  workers: readonly { uid: string; hash: string; sealedToken: string }[]
}

export type KeptWorker = {
  jobUid: string
  name: string
  target: string
  tokenId: number
  url: string
  farPort: number | null
  /** Of its job; null: it was deleted. */
  jobState: JobState | null
  /** Its job is over, and whatever it ran. */
  isOver: boolean
}

/**
 * Makes jobs that wait to be submitted, named after their target, and a token for each.
 * @throws PilothouseError `conflict` when so many launched jobs are followed already
 */
const createWorkers: Operation<NewWorkers, null> = async (context, input) => {
  const { db } = context
  const { memberId, by, spec, workers, url, farPort, array } = input
  const known = await db.selectFrom('launched_worker').select('name').where('target', '=', spec.target).execute()
  const taken = new Set(known.map(({ name }) => name))
  const names = nameWorkers(spec.target, workers.length, taken)
  const launches = workers.map(({ uid }, at) => {
    const own = writeWorkerSpec(spec, names[at] ?? uid)
    const { command, kind } = own
    return { uid, name: names[at] ?? uid, project: 'default', kind, spec: own, recipe: { command } }
  })
  const group = workers.length > 1 ? (array ?? workers[0]?.uid ?? null) : null
  await createLaunches(context, {
    memberId,
    key: null,
    group: group === null ? null : `workers ${spec.target} ${group.slice(0, 6)}`,
    target: input.kind,
    script: null,
    ...(array === null ? {} : { array: { uid: array, atOnce: null } }),
    launches,
  })
  for (const [at, { uid, hash, sealedToken }] of workers.entries()) {
    const name = names[at] ?? uid
    const token = {
      kind: 'token',
      hash,
      name: `${name}, job ${uid}`,
      memberId,
      role: 'worker',
      expiresAt: null,
    } as const
    const { id } = await createToken(context, { ...token, by })
    const row = {
      job_uid: uid,
      name,
      target: spec.target,
      token_id: id,
      sealed_token: sealedToken,
      url,
      far_port: farPort,
    }
    await db.insertInto('launched_worker').values(row).execute()
  }
  return null
}

/** All that is kept, by name. */
const listKept: Operation<null, KeptWorker[]> = async ({ db }) => {
  const rows = await db
    .selectFrom('launched_worker')
    .leftJoin('launch', 'launch.uid', 'launched_worker.job_uid')
    .leftJoin('job', 'job.id', 'launch.job_id')
    .selectAll('launched_worker')
    .select(['launch.state as launch_state', 'job.state as job_state'])
    .orderBy('launched_worker.name')
    .execute()
  return rows.map((row) => ({
    jobUid: row.job_uid,
    name: row.name,
    target: row.target,
    tokenId: row.token_id,
    url: row.url,
    farPort: row.far_port,
    jobState: row.job_state,
    isOver: row.launch_state !== 'preparing' && row.launch_state !== 'following',
  }))
}

/** What a job is told as a worker, its token sealed; null: it is none. */
const findWorker: Operation<{ uid: string }, { url: string; sealedToken: string } | null> = async ({ db }, { uid }) => {
  const row = await select(db).select(['url', 'sealed_token']).where('job_uid', '=', uid).executeTakeFirst()
  return row ? { url: row.url, sealedToken: row.sealed_token } : null
}

/** A port of this target that leads here for others already; null: there is none. */
const findFarPort: Operation<{ target: string }, number | null> = async ({ db }, { target }) => {
  const rows = select(db).select('far_port').where('target', '=', target).where('far_port', 'is not', null)
  return (await rows.executeTakeFirst())?.far_port ?? null
}

/** Its job is over, and its token revoked. */
const forgetWorker: Operation<{ uid: string }, null> = async ({ db }, { uid }) => {
  await db.deleteFrom('launched_worker').where('job_uid', '=', uid).execute()
  return null
}

export const workerOperations = {
  'workers.create': createWorkers,
  'workers.find': findWorker,
  'workers.find-far-port': findFarPort,
  'workers.forget': forgetWorker,
  'workers.kept': listKept,
}
export const workerReads = ['workers.find', 'workers.find-far-port', 'workers.kept'] as const

function select(db: Kysely<Tables>) {
  return db.selectFrom('launched_worker')
}
