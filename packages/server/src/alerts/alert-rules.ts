/** Alert rules as they are written, and as the engine reads them. */
import { type AlertRule, PilothouseError, alertRuleInput, limits } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import type { Operation, StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { resolveAlerts } from './alerts.ts'

type Input = z.output<typeof alertRuleInput>
/** Who asks; `all` may change what others wrote. */
type Editor = { memberId: number; all: boolean }
/** A rule at work. */
export type ActiveRule = Omit<Input, 'enabled'> & { id: number; sinceMs: number; changedMs: number }

/** All rules, by name. */
export const listAlertRules: Operation<null, { rules: AlertRule[] }> = async ({ db }) => {
  const rows = await selectRules(db).orderBy('alert_rule.name').orderBy('alert_rule.id').execute()
  return { rules: rows.map(toRule) }
}

/** @throws PilothouseError `conflict` at the bound, `invalid` when it names a channel that is not there. */
export const createAlertRule: Operation<{ body: Input; editor: Editor }, AlertRule> = async (
  context,
  { body, editor },
) => {
  const { db, now } = context
  const { count } = await db
    .selectFrom('alert_rule')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) >= limits.alertRulesMax) {
    throw new PilothouseError('conflict', `There are ${limits.alertRulesMax} alert rules, more are not kept.`, {
      hint: 'Delete one that nobody needs.',
    })
  }
  await refuseUnknownChannels(db, body)
  const { name, enabled } = body
  const times = { created_ms: now(), changed_ms: now(), since_ms: now() }
  const values = { owner_id: editor.memberId, name, enabled: enabled ? 1 : 0, rule: JSON.stringify(body), ...times }
  const { id } = await db.insertInto('alert_rule').values(values).returning('id').executeTakeFirstOrThrow()
  forgetRules(context)
  return readRule(db, id)
}

/**
 * Writes a rule anew. When it looks at something else from now on, or at nothing, its open alerts are resolved.
 * @throws PilothouseError `notFound`, `forbidden` or `invalid`.
 */
export const replaceAlertRule: Operation<{ id: number; body: Input; editor: Editor }, AlertRule> = async (
  context,
  { id, body, editor },
) => {
  const { db, now } = context
  const before = await readRule(db, id)
  refuseOthers(before, editor)
  await refuseUnknownChannels(db, body)
  const looksElsewhere = !isSameView(before, body)
  if (looksElsewhere || !body.enabled) await resolveRule(context, id)
  const { name, enabled } = body
  const since = looksElsewhere || (body.enabled && !before.enabled) ? { since_ms: now() } : {}
  const values = { name, enabled: enabled ? 1 : 0, rule: JSON.stringify(body), changed_ms: now(), ...since }
  await db.updateTable('alert_rule').set(values).where('id', '=', id).execute()
  forgetRules(context)
  return readRule(db, id)
}

/** @throws PilothouseError `notFound` or `forbidden`. */
export const deleteAlertRule: Operation<{ id: number; editor: Editor }, null> = async (context, { id, editor }) => {
  refuseOthers(await readRule(context.db, id), editor)
  await resolveRule(context, id)
  await context.db.deleteFrom('alert_rule').where('id', '=', id).execute()
  forgetRules(context)
  return null
}

/** The rules at work. */
export async function readActiveRules(db: Kysely<Tables>): Promise<ActiveRule[]> {
  const rows = await db.selectFrom('alert_rule').selectAll().where('enabled', '=', 1).orderBy('id').execute()
  return rows.map(({ id, rule, since_ms, changed_ms }) => ({
    ...parseRule(rule),
    id,
    sinceMs: since_ms,
    changedMs: changed_ms,
  }))
}

/** Channels that are gone are gone from the rules, too. */
export async function forgetChannel(context: StorageContext, channelId: number): Promise<void> {
  const rows = await context.db.selectFrom('alert_rule').select(['id', 'rule']).execute()
  for (const { id, rule } of rows) {
    const input = parseRule(rule)
    if (!input.channels.includes(channelId)) continue
    const left = { ...input, channels: input.channels.filter((one) => one !== channelId) }
    await context.db
      .updateTable('alert_rule')
      .set({ rule: JSON.stringify(left) })
      .where('id', '=', id)
      .execute()
  }
  forgetRules(context)
}

/** Whether two rules raise and resolve at the same moments. */
function isSameView(one: Input, other: Input): boolean {
  const view = ({ condition, scope, clearMs, cooldownMs }: Input) =>
    JSON.stringify([condition, scope, clearMs, cooldownMs])
  return view(alertRuleInput.parse(one)) === view(alertRuleInput.parse(other))
}

function refuseOthers({ owner, name }: AlertRule, { memberId, all }: Editor): void {
  if (all || owner.id === memberId) return
  throw new PilothouseError('forbidden', `The rule «${name}» is of ${owner.name}.`, {
    hint: `Ask ${owner.name} or an admin, or write one of your own.`,
  })
}

async function refuseUnknownChannels(db: Kysely<Tables>, { channels }: Input): Promise<void> {
  if (channels.length === 0) return
  const rows = await db.selectFrom('channel').select('id').where('id', 'in', channels).execute()
  const missing = channels.find((id) => !rows.some((row) => row.id === id))
  if (missing === undefined) return
  throw new PilothouseError('invalid', `There is no channel ${missing}.`, {
    field: 'channels',
    expected: 'ids of GET /api/channels',
  })
}

async function resolveRule(context: StorageContext, ruleId: number): Promise<void> {
  const open = await context.db
    .selectFrom('alert')
    .select(['id', 'job_id'])
    .where('rule_id', '=', ruleId)
    .where('status', '!=', 'resolved')
    .execute()
  const resolved = await resolveAlerts(
    context,
    open.map(({ id }) => id),
  )
  for (const { job_id } of open) context.changes.jobs.add(job_id)
  context.changes.alerts.push(...resolved)
}

function forgetRules({ changes, alerts }: StorageContext): void {
  changes.afterCommit.push(() => alerts.forgetRules())
}

/** @throws PilothouseError `notFound`. */
async function readRule(db: Kysely<Tables>, id: number): Promise<AlertRule> {
  const row = await selectRules(db).where('alert_rule.id', '=', id).executeTakeFirst()
  if (row) return toRule(row)
  throw new PilothouseError('notFound', `There is no alert rule ${id}.`, { field: 'id' })
}

function selectRules(db: Kysely<Tables>) {
  return db
    .selectFrom('alert_rule')
    .leftJoin('member', 'member.id', 'alert_rule.owner_id')
    .selectAll('alert_rule')
    .select('member.name as owner_name')
    .select((eb) =>
      eb
        .selectFrom('alert')
        .select(({ fn }) => fn.countAll<number | string>().as('count'))
        .whereRef('alert.rule_id', '=', 'alert_rule.id')
        .where('alert.status', '!=', 'resolved')
        .as('open'),
    )
}

type RuleRow = Awaited<ReturnType<ReturnType<typeof selectRules>['execute']>>[number]

function toRule(row: RuleRow): AlertRule {
  const owner = { id: row.owner_id, name: row.owner_name ?? '' }
  const times = { createdAt: row.created_ms, changedAt: row.changed_ms }
  return {
    ...parseRule(row.rule),
    enabled: row.enabled === 1,
    id: row.id,
    owner,
    ...times,
    open: Number(row.open ?? 0),
  }
}

/** Parsed anew: an older version may have written less. */
function parseRule(text: string): Input {
  return alertRuleInput.parse(JSON.parse(text))
}
