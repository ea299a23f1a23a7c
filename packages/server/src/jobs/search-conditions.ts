/** Conditions of a search as SQL. Every value is bound; both databases compare alike. */
import {
  PilothouseError,
  type SearchCondition,
  type SearchTerm,
  endStates,
  parseSearchText,
} from '@pilothouse/contract'
import { type Expression, type ExpressionBuilder, type RawBuilder, type SqlBool, sql } from 'kysely'
import { spentCost } from '../rates/spent-time.ts'
import type { Tables } from '../storage/tables.ts'

type Builder = ExpressionBuilder<Tables, 'job'>
/** Who searches, and when. */
export type Searcher = { memberId: number | null; now: number }
type Of<Kind extends SearchCondition['kind']> = Extract<SearchCondition, { kind: Kind }>

/**
 * Reads a search.
 * @throws PilothouseError `invalid`, with the words of the first fault and its place.
 */
export function readSearch(text: string, now: number): readonly SearchTerm[] {
  const { terms, faults } = parseSearchText(text, now)
  const [fault] = faults
  if (!fault) return terms
  throw new PilothouseError(
    'invalid',
    `The search cannot be read at «${text.slice(fault.from, fault.to)}»: ${fault.message}`,
    {
      field: 'search',
      hint: 'docs/search.md has the language. Words with signs stand in quotes.',
    },
  )
}

/** One expression a term. */
export function searchConditions(eb: Builder, terms: readonly SearchTerm[], searcher: Searcher): Expression<SqlBool>[] {
  return terms.map(({ condition, isNot }) => {
    const holds = toSql(eb, condition, searcher)
    // What is not known does not hold, so its opposite does.
    return isNot ? sql<SqlBool>`case when ${holds} then 0 else 1 end = 1` : holds
  })
}

function toSql(eb: Builder, condition: SearchCondition, searcher: Searcher): Expression<SqlBool> {
  switch (condition.kind) {
    case 'word':
      return sql<SqlBool>`job.search like ${`%${escapeLike(condition.word.toLowerCase())}%`} escape '\\'`
    case 'state':
      return eb('job.state', 'in', condition.states)
    case 'job-kind':
      return eb('job.kind', 'in', condition.kinds)
    case 'text':
      return eb.or(condition.values.map((value) => textCondition(eb, { field: condition.field, value }, searcher)))
    case 'is':
      if (condition.word === 'archived') return eb('job.archived_ms', 'is not', null)
      return eb('job.state', condition.word === 'ended' ? 'in' : 'not in', endStates)
    case 'has':
      return inValues({ of: 'metric', key: condition.key })
    case 'time':
      return timeCondition(eb, condition)
    case 'measure':
      return measureCondition(condition, searcher.now)
    case 'value':
      return valueCondition(condition)
    default:
      return condition satisfies never
  }
}

type TextMatch = { field: Of<'text'>['field']; value: string }

function textCondition(eb: Builder, { field, value }: TextMatch, { memberId }: Searcher): Expression<SqlBool> {
  switch (field) {
    case 'tag':
      return eb(
        'job.id',
        'in',
        eb
          .selectFrom('job_tag')
          .select('job_id')
          .where(fits(sql.ref('tag'), value)),
      )
    case 'owner': {
      const named = eb(
        'job.owner_id',
        'in',
        eb
          .selectFrom('member')
          .select('id')
          .where(fits(sql.ref('name'), value)),
      )
      return value === 'me' && memberId !== null ? eb.or([named, eb('job.owner_id', '=', memberId)]) : named
    }
    case 'name':
    case 'uid':
      return fits(sql.ref(`job.${field}`), `*${value}*`)
    case 'group':
      return fits(sql.ref('job.group_name'), value)
    case 'type':
      return fits(sql.ref('job.job_type'), value)
    case 'project':
    case 'model':
    case 'dataset':
    case 'target':
      return fits(sql.ref(`job.${field}`), value)
    default:
      return field satisfies never
  }
}

/** Letter by letter; with `*` for any letters, and then the case of letters does not count. */
function fits(column: RawBuilder<unknown>, pattern: string): RawBuilder<SqlBool> {
  if (!pattern.includes('*')) return sql<SqlBool>`${column} = ${pattern}`
  const like = pattern.split('*').map(escapeLike).join('%')
  return sql<SqlBool>`lower(${column}) like lower(${like}) escape '\\'`
}

export function escapeLike(word: string): string {
  return word.replace(/[\\%_]/g, (character) => `\\${character}`)
}

const timeColumns = {
  created: 'job.created_ms',
  started: 'job.started_ms',
  ended: 'job.ended_ms',
  heard: 'job.heard_ms',
} as const

function timeCondition(eb: Builder, { field, from, until }: Of<'time'>): Expression<SqlBool> {
  const column = timeColumns[field]
  return eb.and([
    ...(from === undefined ? [] : [eb(column, '>=', from)]),
    ...(until === undefined ? [] : [eb(column, '<', until)]),
  ])
}

function measureCondition({ field, operator, value }: Of<'measure'>, now: number): RawBuilder<SqlBool> {
  const sign = sql.raw(operator) // one of six signs
  switch (field) {
    case 'duration':
      return sql<SqlBool>`coalesce(job.ended_ms, ${now}) - job.started_ms ${sign} ${value}`
    case 'cost':
      return sql<SqlBool>`${spentCost(now)} ${sign} ${value}`
    case 'gpus':
      return sql<SqlBool>`job.gpus ${sign} ${value}`
    case 'attempts':
      return sql<SqlBool>`job.attempt ${sign} ${value}`
    default:
      return field satisfies never
  }
}

/** Values have names of their own table, so that the same statement serves every key. */
export function valueKey({ of, key }: Pick<Of<'value'>, 'of' | 'key'>): RawBuilder<number> {
  const kind = of === 'config' || of === 'summary' ? of : 'metric'
  return sql<number>`(select id from value_key where kind = ${kind} and key = ${key})`
}

/** The column that holds what is asked for. */
export function valueColumn(of: Of<'value'>['of']): 'number' | 'low' | 'high' {
  if (of === 'min') return 'low'
  return of === 'max' ? 'high' : 'number'
}

function valueCondition({ of, key, operator, value, text }: Of<'value'>): RawBuilder<SqlBool> {
  const sign = sql.raw(operator) // one of six signs
  const column = sql.ref(valueColumn(of))
  if (typeof value === 'number') {
    const asNumber = sql<SqlBool>`${column} ${sign} ${value}`
    const isPlain = (of === 'config' || of === 'summary') && (operator === '=' || operator === '!=')
    // A setting may be a number or its letters: «7» of a script is found as 7, too.
    if (!isPlain) return inValues({ of, key }, asNumber)
    return operator === '='
      ? inValues({ of, key }, sql<SqlBool>`(${asNumber} or word = ${text})`)
      : inValues({ of, key }, sql<SqlBool>`(number != ${value} or (number is null and word != ${text}))`)
  }
  const equal = fits(sql.ref('word'), value)
  if (operator === '=') return inValues({ of, key }, equal)
  return inValues({ of, key }, sql<SqlBool>`(word is null or not ${equal})`)
}

/** The sign before the id keeps SQLite from looking up the long row of every match, where an index has what sorts them. */
function inValues(named: Pick<Of<'value'>, 'of' | 'key'>, holds?: RawBuilder<SqlBool>): RawBuilder<SqlBool> {
  const and = holds ? sql` and ${holds}` : sql``
  return sql<SqlBool>`+job.id in (select job_id from job_value where key_id = ${valueKey(named)}${and})`
}
