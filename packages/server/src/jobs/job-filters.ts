import { endStates, type jobQuery } from '@pilothouse/contract'
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import type { z } from 'zod'
import type { Tables } from '../storage/tables.ts'
import { readSearch, searchConditions } from './search-conditions.ts'

type Builder = ExpressionBuilder<Tables, 'job'>
type Query = Omit<z.output<typeof jobQuery>, 'sort' | 'order' | 'limit' | 'cursor'>
export type JobFilters = {
  query: Query
  /** Both filters hold where `query.state` is given, too. */
  ended?: boolean
  /** Set when the caller's token is bound to one job. */
  onlyUid: string | null
  /** Who asks: «me» in a search. */
  memberId?: number | null
  /** Archived jobs are as good as others, where `query.archived` does not say. */
  withArchived?: boolean
}

/** Jobs that are not archived; they are few, and an index has them all. */
const isListed = sql<SqlBool>`job.id not in (select id from job where archived_ms is not null)`

/**
 * What a job must fulfil, one condition each.
 * @throws PilothouseError `invalid` when the search cannot be read.
 */
export function listFilters(eb: Builder, filters: JobFilters, now: number): Expression<SqlBool>[] {
  const { query, ended, onlyUid, memberId = null, withArchived = false } = filters
  const terms = query.search === undefined ? [] : readSearch(query.search, now)
  const asksArchived = terms.some(({ condition }) => condition.kind === 'is' && condition.word === 'archived')
  const archived = query.archived ?? (withArchived || asksArchived || onlyUid !== null ? 'any' : 'no')
  return [
    ...(archived === 'no' ? [isListed] : []),
    ...(archived === 'yes' ? [eb('job.archived_ms', 'is not', null)] : []),
    ...(query.state ? [eb('job.state', 'in', query.state)] : []),
    ...(ended === undefined ? [] : [eb('job.state', ended ? 'in' : 'not in', endStates)]),
    ...(query.kind ? [eb('job.kind', '=', query.kind)] : []),
    ...(query.project ? [eb('job.project', 'in', query.project)] : []),
    ...(query.target ? [eb('job.target', 'in', query.target)] : []),
    ...(query.group ? [eb('job.group_name', 'in', query.group)] : []),
    ...(query.jobType ? [eb('job.job_type', 'in', query.jobType)] : []),
    ...(query.tag ? [eb('job.id', 'in', eb.selectFrom('job_tag').select('job_id').where('tag', 'in', query.tag))] : []),
    ...(query.owner
      ? [eb('job.owner_id', 'in', eb.selectFrom('member').select('id').where('name', 'in', query.owner))]
      : []),
    ...(query.since === undefined ? [] : [eb('job.created_ms', '>=', Math.ceil(query.since))]),
    ...(query.until === undefined ? [] : [eb('job.created_ms', '<', Math.ceil(query.until))]),
    ...(onlyUid === null ? [] : [eb('job.uid', '=', onlyUid)]),
    ...searchConditions(eb, terms, { memberId, now }),
  ]
}
