import type { JobCard } from './job.ts'
import { costAt } from './cost-at.ts'
import { isEnded } from './job-state.ts'
import type { MeasureField, SearchCondition, SearchOperator, SearchTerm, TextField } from './search-text.ts'

/** What a job is looked at from: who asks, and when. */
export type SearchViewer = { memberId: number; now: number }

/**
 * Does a card fulfil all conditions? Undefined where a card does not say: values of metrics and settings, numbers of GPUs.
 * For lists that cards arrive in live; what the server finds is decided there. Pure.
 */
export function matchSearchTerms(
  card: JobCard,
  terms: readonly SearchTerm[],
  viewer: SearchViewer,
): boolean | undefined {
  let isKnown = true
  for (const { condition, isNot } of terms) {
    const holds = matchCondition(card, condition, viewer)
    if (holds === undefined) isKnown = false
    else if (holds === isNot) return false
  }
  return isKnown ? true : undefined
}

/** True where a list has to be asked for again, because cards do not tell what it is made by. */
export function needsServer(terms: readonly SearchTerm[]): boolean {
  return terms.some(
    ({ condition: { kind, ...rest } }) =>
      kind === 'value' || kind === 'has' || (kind === 'measure' && 'field' in rest && rest.field === 'gpus'),
  )
}

function matchCondition(card: JobCard, condition: SearchCondition, viewer: SearchViewer): boolean | undefined {
  switch (condition.kind) {
    case 'word':
      return searchedText(card).includes(condition.word.toLowerCase())
    case 'state':
      return condition.states.includes(card.state)
    case 'job-kind':
      return condition.kinds.includes(card.kind)
    case 'text':
      return condition.values.some((value) => matchText(card, { field: condition.field, value }, viewer))
    case 'is':
      if (condition.word === 'archived') return card.archivedAt !== null
      return isEnded(card.state) === (condition.word === 'ended')
    case 'time': {
      const at = card[`${condition.field}At`]
      return at !== null && at >= (condition.from ?? -Infinity) && at < (condition.until ?? Infinity)
    }
    case 'measure': {
      const value = readMeasure(card, condition.field, viewer.now)
      return value === undefined
        ? undefined
        : value !== null && compareNumbers(value, condition.operator, condition.value)
    }
    case 'has':
    case 'value':
      return undefined
    default:
      return condition satisfies never
  }
}

function searchedText({ name, project, model, dataset, group, jobType, tags, uid }: JobCard): string {
  return [name, project, model, dataset, group, jobType, ...tags, uid].join('\n').toLowerCase()
}

function matchText(card: JobCard, { field, value }: { field: TextField; value: string }, viewer: SearchViewer) {
  if (field === 'tag') return card.tags.some((tag) => fitsPattern(tag, value))
  if (field === 'owner')
    return (value === 'me' && card.owner.id === viewer.memberId) || fitsPattern(card.owner.name, value)
  if (field === 'name' || field === 'uid') return fitsPattern(card[field], `*${value}*`)
  const text = field === 'type' ? card.jobType : card[field]
  return text !== null && fitsPattern(text, value)
}

/** `*` stands for any letters, and then the case of letters does not count. */
export function fitsPattern(text: string, pattern: string): boolean {
  if (!pattern.includes('*')) return text === pattern
  const pieces = pattern.toLowerCase().split('*')
  const lower = text.toLowerCase()
  const [first = '', ...rest] = pieces
  const last = rest.pop() ?? ''
  if (!lower.startsWith(first) || lower.length < first.length + last.length || !lower.endsWith(last)) return false
  let at = first.length
  for (const piece of rest) {
    const found = lower.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return at <= lower.length - last.length
}

function readMeasure(card: JobCard, field: MeasureField, now: number): number | null | undefined {
  switch (field) {
    case 'duration':
      return card.startedAt === null ? null : (card.endedAt ?? now) - card.startedAt
    case 'cost':
      return card.cost && costAt(card.cost, now)
    case 'attempts':
      return card.attempt
    case 'gpus':
      return undefined
    default:
      return field satisfies never
  }
}

function compareNumbers(one: number, operator: SearchOperator, other: number): boolean {
  switch (operator) {
    case '=':
      return one === other
    case '!=':
      return one !== other
    case '<':
      return one < other
    case '<=':
      return one <= other
    case '>':
      return one > other
    case '>=':
      return one >= other
    default:
      return operator satisfies never
  }
}
