/** Saved views: every member has its own, and sees those that others share. Whoever may not change one does not find it. */
import {
  PilothouseError,
  type View,
  type ViewPage,
  launchPreset,
  limits,
  type viewCreate,
  type viewPatch,
  type viewQuery,
} from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import type { z } from 'zod'
import type { Operation } from '../storage/operation.ts'
import type { Tables, ViewTable } from '../storage/tables.ts'

/** Who asks; `all` may change what others share, `mayLaunch` keep presets of the launch form. */
export type Viewer = { memberId: number; all: boolean; mayLaunch: boolean }

type Patch = z.output<typeof viewPatch>

/** Own and shared views, by name. */
export const listViews: Operation<{ query: z.output<typeof viewQuery>; viewer: Viewer }, { views: View[] }> = async (
  { db },
  { query, viewer },
) => {
  const { page, project } = query
  const rows = await selectViews(db, viewer)
    .$if(page !== undefined, (builder) => builder.where('saved_view.page', '=', page ?? 'jobs'))
    .$if(project !== undefined, (builder) =>
      builder.where((eb) =>
        eb.or([eb('saved_view.project', 'is', null), eb('saved_view.project', '=', project ?? null)]),
      ),
    )
    .orderBy('saved_view.name')
    .orderBy('saved_view.id')
    .limit(limits.memberViewsMax + limits.sharedViewsMax)
    .execute()
  return { views: rows.map(toView) }
}

/**
 * Keeps a new view.
 * @throws PilothouseError `conflict` when the owner has one of this name on this page and project, `invalid` at a bound, or
 * for what is no preset, `forbidden` where one may not launch.
 */
export const createView: Operation<{ body: z.output<typeof viewCreate>; viewer: Viewer }, View> = async (
  { db, now },
  { body, viewer },
) => {
  const { page, project, name, isShared, isDefault } = body
  refuseLaunching(viewer, page)
  const search = readSearch(page, body.search)
  await refuseName(db, { owner_id: viewer.memberId, page, project, name })
  await refuseMany(db, viewer.memberId)
  if (isShared) await refuseManyShared(db)
  const times = { created_ms: now(), updated_ms: now() }
  const values = { owner_id: viewer.memberId, page, project, name, search, is_shared: isShared ? 1 : 0, ...times }
  const { id } = await db.insertInto('saved_view').values(values).returning('id').executeTakeFirstOrThrow()
  if (isDefault) await setDefault(db, viewer, { page, viewId: id })
  return readView(db, viewer, id)
}

/**
 * Changes a view; `isDefault` alone is everybody's own affair.
 * @throws PilothouseError `notFound` when it is not there or not for the one who asks to change, `conflict` as above.
 */
export const editView: Operation<{ id: number; patch: Patch; viewer: Viewer }, View> = async (
  { db, now },
  { id, patch: { isDefault, ...patch }, viewer },
) => {
  const before = await readView(db, viewer, id)
  const changes = Object.values(patch).some((value) => value !== undefined)
  if (changes) {
    if (!mayChange(viewer, before)) throw viewNotFound(id)
    const { page, owner } = before
    refuseLaunching(viewer, page)
    const name = patch.name ?? before.name
    const project = patch.project === undefined ? before.project : patch.project
    await refuseName(db, { owner_id: owner.id, page, project, name }, id)
    if (patch.isShared && !before.isShared) await refuseManyShared(db)
    const isShared = patch.isShared ?? before.isShared
    const search = patch.search === undefined ? before.search : readSearch(page, patch.search)
    const values = { name, project, search, is_shared: isShared ? 1 : 0, updated_ms: now() }
    await db.updateTable('saved_view').set(values).where('id', '=', id).execute()
    // Nobody opens with a view that is not for them any more.
    if (!isShared && before.isShared)
      await db.deleteFrom('view_default').where('view_id', '=', id).where('member_id', '!=', owner.id).execute()
  }
  if (isDefault === true) await setDefault(db, viewer, { page: before.page, viewId: id })
  if (isDefault === false) await clearDefault(db, viewer, id)
  return readView(db, viewer, id)
}

/** @throws PilothouseError `notFound`. */
export const deleteView: Operation<{ id: number; viewer: Viewer }, null> = async ({ db }, { id, viewer }) => {
  const view = await readView(db, viewer, id)
  if (!mayChange(viewer, view)) throw viewNotFound(id)
  refuseLaunching(viewer, view.page)
  await db.deleteFrom('view_default').where('view_id', '=', id).execute()
  await db.deleteFrom('saved_view').where('id', '=', id).execute()
  return null
}

function mayChange(viewer: Viewer, { owner, isShared }: View): boolean {
  return owner.id === viewer.memberId || (isShared && viewer.all)
}

/** What others may launch is written by those who may launch. @throws PilothouseError `forbidden` */
function refuseLaunching({ mayLaunch }: Viewer, page: ViewPage): void {
  if (page !== 'launch' || mayLaunch) return
  throw new PilothouseError('forbidden', 'To keep presets of launches takes the permission launches:create.', {
    expected: 'launches:create',
  })
}

/** Of a preset nothing is kept but what one may hold. @throws PilothouseError `invalid` */
function readSearch(page: ViewPage, search: string): string {
  if (page !== 'launch') return search
  const read = launchPreset.safeParse(parsePreset(search))
  if (read.success) return JSON.stringify(read.data)
  const [issue] = read.error.issues
  throw new PilothouseError(
    'invalid',
    `This is no preset of a launch: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    {
      field: 'search',
      hint: 'It has the names of variables, not their values: docs/launching.md.',
    },
  )
}

function parsePreset(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function viewNotFound(id: number): PilothouseError {
  return new PilothouseError('notFound', `There is no view ${id} that you may change.`, { field: 'id' })
}

/** A view that the viewer sees. */
async function readView(db: Kysely<Tables>, viewer: Viewer, id: number): Promise<View> {
  const row = await selectViews(db, viewer).where('saved_view.id', '=', id).executeTakeFirst()
  if (!row) throw viewNotFound(id)
  return toView(row)
}

function selectViews(db: Kysely<Tables>, { memberId }: Viewer) {
  return db
    .selectFrom('saved_view')
    .leftJoin('member', 'member.id', 'saved_view.owner_id')
    .leftJoin('view_default', (join) =>
      join.onRef('view_default.view_id', '=', 'saved_view.id').on('view_default.member_id', '=', memberId),
    )
    .selectAll('saved_view')
    .select(['member.name as owner_name', 'view_default.view_id as default_id'])
    .where((eb) => eb.or([eb('saved_view.owner_id', '=', memberId), eb('saved_view.is_shared', '=', 1)]))
}

type Row = Selectable<ViewTable> & { owner_name: string | null; default_id: number | null }

function toView(row: Row): View {
  return {
    id: row.id,
    page: row.page,
    project: row.project,
    name: row.name,
    search: row.search,
    owner: { id: row.owner_id, name: row.owner_name ?? 'unknown' },
    isShared: row.is_shared === 1,
    isDefault: row.default_id !== null,
    createdAt: row.created_ms,
    updatedAt: row.updated_ms,
  }
}

type Place = Pick<Selectable<ViewTable>, 'owner_id' | 'page' | 'project' | 'name'>

async function refuseName(db: Kysely<Tables>, place: Place, butId = 0): Promise<void> {
  const { owner_id, page, project, name } = place
  const taken = await db
    .selectFrom('saved_view')
    .select('id')
    .where('owner_id', '=', owner_id)
    .where('page', '=', page)
    .where('name', '=', name)
    .where('id', '!=', butId)
    .where((eb) => (project === null ? eb('project', 'is', null) : eb('project', '=', project)))
    .executeTakeFirst()
  if (!taken) return
  throw new PilothouseError('conflict', `There is a view «${name}» already.`, {
    field: 'name',
    hint: 'Choose another name, or overwrite that view.',
  })
}

async function refuseMany(db: Kysely<Tables>, memberId: number): Promise<void> {
  const { count } = await db
    .selectFrom('saved_view')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('owner_id', '=', memberId)
    .executeTakeFirstOrThrow()
  if (Number(count) < limits.memberViewsMax) return
  throw new PilothouseError('invalid', `A member keeps at most ${limits.memberViewsMax} views.`, {
    hint: 'Delete some that are not needed any more.',
  })
}

async function refuseManyShared(db: Kysely<Tables>): Promise<void> {
  const { count } = await db
    .selectFrom('saved_view')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('is_shared', '=', 1)
    .executeTakeFirstOrThrow()
  if (Number(count) < limits.sharedViewsMax) return
  throw new PilothouseError('invalid', `At most ${limits.sharedViewsMax} views are shared.`, {
    hint: 'Delete some that are not needed any more, or keep this one for yourself.',
  })
}

type Default = { page: ViewPage; viewId: number }

async function setDefault(db: Kysely<Tables>, { memberId }: Viewer, { page, viewId }: Default): Promise<void> {
  await db
    .insertInto('view_default')
    .values({ member_id: memberId, page, view_id: viewId })
    .onConflict((conflict) => conflict.columns(['member_id', 'page']).doUpdateSet({ view_id: viewId }))
    .execute()
}

async function clearDefault(db: Kysely<Tables>, { memberId }: Viewer, viewId: number): Promise<void> {
  await db.deleteFrom('view_default').where('member_id', '=', memberId).where('view_id', '=', viewId).execute()
}
