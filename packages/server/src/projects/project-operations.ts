/** Projects as the storage knows them: those with code, and names that only jobs know. Jobs depend on neither. */
import { type CodeFacts, PilothouseError, type Project, type ProjectKind, limits } from '@pilothouse/contract'
import { type Kysely, type Selectable, sql, type SqlBool } from 'kysely'
import { parseJson } from '../jobs/parse-json.ts'
import type { Operation } from '../storage/operation.ts'
import type { ProjectTable } from '../storage/launch-tables.ts'
import type { Tables } from '../storage/tables.ts'
import type { KnownProject } from './project-keeper.ts'

type New = { memberId: number; name: string; kind: ProjectKind; place: string; code: CodeFacts | null }
type Words = { message: string; hint: string }
type Note = { id: number } & ({ code: CodeFacts } | { fault: Words })

/** The one with the newest job or code first; their files are left out. With `name`: that one alone. */
const listProjects: Operation<{ name?: string | undefined }, { projects: Project[]; total: number }> = async (
  { db },
  { name },
) => {
  const jobs = await countJobs(db, name)
  const rows = await selectProjects(db)
    .$if(name !== undefined, (builder) => builder.where('project.name', '=', name ?? ''))
    .execute()
  const projects = rows.map((row) => withoutFiles(toProject(row, jobs.get(row.name))))
  const known = new Set(rows.map((row) => row.name))
  for (const [other, counted] of jobs)
    if (!known.has(other)) projects.push({ ...withoutCode, name: other, jobs: counted })
  projects.sort((a, b) => newest(b) - newest(a) || (a.name < b.name ? -1 : 1))
  return { projects: projects.slice(0, limits.projectsShown), total: projects.length }
}

/** @throws PilothouseError `notFound`. */
const getProject: Operation<{ id: number }, Project> = async ({ db }, { id }) => readProject(db, id)

/** @throws PilothouseError `conflict` when there is one of this name or place, or no room for more. */
const createProject: Operation<New, Project> = async ({ db, now }, { memberId, code, ...rest }) => {
  const rows = await db.selectFrom('project').select(['name', 'place']).execute()
  if (rows.some(({ name }) => name === rest.name))
    throw new PilothouseError('conflict', `There is a project «${rest.name}» with code already.`, {
      field: 'name',
      hint: 'Choose another name, or delete that project: its jobs stay.',
    })
  const same = rows.find(({ place }) => place === rest.place)
  if (same) throw new PilothouseError('conflict', `That is the project «${same.name}» already.`, { field: 'place' })
  if (rows.length >= limits.projectsMax)
    throw new PilothouseError('conflict', `There are ${limits.projectsMax} projects, and may be no more.`, {
      hint: 'Delete one that nobody needs: its jobs stay.',
    })
  const read = code === null ? {} : { code: JSON.stringify(code), read_ms: now() }
  const { id } = await db
    .insertInto('project')
    .values({ ...rest, ...read, owner_id: memberId, created_ms: now() })
    .returning('id')
    .executeTakeFirstOrThrow()
  return readProject(db, id)
}

/** @throws PilothouseError `notFound`. */
const deleteProject: Operation<{ id: number }, null> = async ({ db }, { id }) => {
  await readProject(db, id)
  await db.deleteFrom('project').where('id', '=', id).execute()
  return null
}

/** What was read, or why nothing could be: what was read before stays then. Of one that is gone nothing changes. */
const noteProject: Operation<Note, null> = async ({ db, now }, { id, ...note }) => {
  const at = now()
  const values =
    'code' in note
      ? { code: JSON.stringify(note.code), read_ms: at, fault: null, fault_ms: null, tried_ms: null }
      : { fault: JSON.stringify(note.fault), fault_ms: sql<number>`coalesce(fault_ms, ${at})`, tried_ms: at }
  await db.updateTable('project').set(values).where('id', '=', id).execute()
  return null
}

/** Of each what is needed to read it. */
const listKnown: Operation<null, KnownProject[]> = async ({ db }) => {
  const rows = await db.selectFrom('project').select(['id', 'kind', 'place', 'read_ms']).orderBy('id').execute()
  return rows.map(({ read_ms, ...rest }) => ({ ...rest, isRead: read_ms !== null }))
}

export const projectOperations = {
  'projects.create': createProject,
  'projects.delete': deleteProject,
  'projects.get': getProject,
  'projects.known': listKnown,
  'projects.list': listProjects,
  'projects.note': noteProject,
}
export const projectReads = ['projects.get', 'projects.known', 'projects.list'] as const

type Counted = Project['jobs']
const noJobs: Counted = { total: 0, running: 0, last: null }
const withoutCode: Omit<Project, 'name' | 'jobs'> = {
  id: null,
  source: null,
  by: null,
  createdAt: null,
  code: null,
  readAt: null,
  fault: null,
  sync: null,
}

async function readProject(db: Kysely<Tables>, id: number): Promise<Project> {
  const row = await selectProjects(db).where('project.id', '=', id).executeTakeFirst()
  if (!row) throw new PilothouseError('notFound', `There is no project ${id}.`, { field: 'id' })
  return toProject(row, (await countJobs(db, row.name)).get(row.name))
}

function selectProjects(db: Kysely<Tables>) {
  return db
    .selectFrom('project')
    .leftJoin('member', 'member.id', 'project.owner_id')
    .selectAll('project')
    .select('member.name as owner_name')
}

type Row = Selectable<ProjectTable> & { owner_name: string | null }

function toProject(row: Row, jobs: Counted = noJobs): Project {
  const { id, name, kind, place, fault_ms, tried_ms } = row
  const fault = row.fault === null ? null : parseJson<Words>(row.fault)
  return {
    id,
    name,
    source: { kind, place },
    by: { id: row.owner_id, name: row.owner_name ?? 'unknown' },
    createdAt: row.created_ms,
    code: row.code === null ? null : parseJson<CodeFacts>(row.code),
    readAt: row.read_ms,
    fault: fault && { ...fault, since: fault_ms ?? 0, triedAt: tried_ms ?? 0 },
    sync: null,
    jobs,
  }
}

function withoutFiles(project: Project): Project {
  return { ...project, code: project.code && { ...project.code, files: [], submodules: [] } }
}

function newest({ createdAt, jobs }: Project): number {
  return Math.max(createdAt ?? 0, jobs.last?.createdAt ?? 0)
}

/** By the names of projects. Counting reads indexes only; then the newest job of each is looked up. */
async function countJobs(db: Kysely<Tables>, name: string | undefined): Promise<Map<string, Counted>> {
  const select = db
    .selectFrom('job')
    .where(sql<SqlBool>`job.id not in (select id from job where archived_ms is not null)`)
    .$if(name !== undefined, (builder) => builder.where('project', '=', name ?? ''))
    .groupBy('project')
  const totals = await select
    .select(({ fn }) => ['project', fn.countAll<number>().as('total'), fn.max('id').as('last_id')])
    .execute()
  const running = await select
    .where('state', '=', 'running')
    .select(({ fn }) => ['project', fn.countAll<number>().as('count')])
    .execute()
  const lasts = await readLast(
    db,
    totals.map(({ last_id }) => Number(last_id)),
  )
  const runs = new Map(running.map(({ project, count }) => [project, Number(count)]))
  return new Map(
    totals.map(({ project, total, last_id }) => [
      project,
      { total: Number(total), running: runs.get(project) ?? 0, last: lasts.get(Number(last_id)) ?? null },
    ]),
  )
}

/** So many ids in one statement: the bound of parameters is larger. */
const idsAtOnce = 500

async function readLast(db: Kysely<Tables>, ids: readonly number[]): Promise<Map<number, Counted['last']>> {
  const found = new Map<number, Counted['last']>()
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const rows = await db
      .selectFrom('job')
      .select(['id', 'uid', 'name', 'state', 'created_ms as createdAt'])
      .where('id', 'in', ids.slice(at, at + idsAtOnce))
      .execute()
    for (const { id, ...rest } of rows) found.set(id, rest)
  }
  return found
}
