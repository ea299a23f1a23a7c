import type { jobQuery } from '@pilothouse/contract'
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import type { z } from 'zod'
import type { Tables } from '../storage/tables.ts'

type Builder = ExpressionBuilder<Tables, 'job'>
export type JobFilters = {
  query: Omit<z.output<typeof jobQuery>, 'sort' | 'order' | 'limit' | 'cursor'>
  /** Both filters hold where `query.state` is given, too. */
  ended?: boolean
  /** Set when the caller's token is bound to one job. */
  onlyUid: string | null
}

/** What a job must fulfil, one condition each. */
export function listFilters(eb: Builder, { query, ended, onlyUid }: JobFilters): Expression<SqlBool>[] {
  const words = (query.search ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  return [
    ...(query.state ? [eb('job.state', 'in', query.state)] : []),
    ...(ended === undefined
      ? []
      : [eb('job.state', ended ? 'in' : 'not in', ['completed', 'failed', 'cancelled', 'lost'])]),
    ...(query.kind ? [eb('job.kind', '=', query.kind)] : []),
    ...(query.project ? [eb('job.project', 'in', query.project)] : []),
    ...(query.target ? [eb('job.target', 'in', query.target)] : []),
    ...(query.group ? [eb('job.group_name', 'in', query.group)] : []),
    ...(query.jobType ? [eb('job.job_type', 'in', query.jobType)] : []),
    ...(query.tag ? [eb('job.id', 'in', eb.selectFrom('job_tag').select('job_id').where('tag', 'in', query.tag))] : []),
    ...(query.owner
      ? [eb('job.owner_id', 'in', eb.selectFrom('member').select('id').where('name', 'in', query.owner))]
      : []),
    ...(query.since === undefined ? [] : [eb('job.created_ms', '>=', query.since)]),
    ...(query.until === undefined ? [] : [eb('job.created_ms', '<', query.until)]),
    ...(onlyUid === null ? [] : [eb('job.uid', '=', onlyUid)]),
    ...words.map((word) => sql<SqlBool>`job.search like ${`%${escapeLike(word)}%`} escape '\\'`),
  ]
}

function escapeLike(word: string): string {
  return word.replace(/[\\%_]/g, (character) => `\\${character}`)
}
