/** What the search field offers where the cursor is. Pure. */
import type { JobStatistics, SearchKeysAnswer } from '@pilothouse/contract'
import {
  findSearchField,
  isWords,
  jobKinds,
  jobStates,
  quoteForSearch,
  searchFields,
  type SearchField,
  type SearchPlace,
  valueKinds,
} from '@pilothouse/contract/wire'

export type Completion = {
  /** Stands in the list. */
  label: string
  hint: string
  /** Stands in the field once it is chosen. */
  text: string
  /** Nothing more belongs to it: a blank follows. */
  isWhole: boolean
}

/** Filters' values and names of metrics and settings, as far as they are known. */
export type Known = {
  statistics: JobStatistics | undefined
  keys: SearchKeysAnswer['keys']
}

const shownMax = 9
/** Fields that are compared begin with the sign that is meant most often. */
const signs: Partial<Record<SearchField, string>> = {
  created: '>',
  started: '>',
  ended: '>',
  heard: '>',
  duration: '>',
  cost: '>',
  gpus: '>=',
  attempts: '>',
}

export function listCompletions(place: SearchPlace | undefined, known: Known): Completion[] {
  if (!place) return []
  const { prefix } = place
  if (place.part === 'value') {
    const values = rank(listValues(place.field, known), prefix).slice(0, shownMax)
    // A value that stands there whole needs no list.
    if (values.length === 1 && values[0] === prefix) return []
    return values.map((value) => ({ label: value, hint: '', text: quoteForSearch(value), isWhole: true }))
  }
  // Without rates no job has a cost.
  const names = Object.keys(searchFields).filter((name) => name !== 'cost' || known.statistics?.costWeek)
  const fields = rank(names, prefix).flatMap((name) => toField(name))
  return [...fields, ...known.keys.map(toKey)].slice(0, shownMax)
}

/** What the server is asked for while `place` is filled in; undefined where names of values do not belong. */
export function askKeys(
  place: SearchPlace | undefined,
): { search: string; kind?: 'metric' | 'config' | 'summary' } | undefined {
  if (!place) return undefined
  if (place.part === 'value') return place.field === 'has' ? { search: place.prefix, kind: 'metric' } : undefined
  if (place.prefix === '') return undefined
  const of = valueKinds.find((kind) => place.prefix.startsWith(`${kind}.`))
  if (of === undefined) return { search: place.prefix }
  return { search: place.prefix.slice(of.length + 1), kind: of === 'config' || of === 'summary' ? of : 'metric' }
}

function toField(name: string): Completion[] {
  const field = findSearchField(name)
  if (field === undefined) return []
  return [{ label: name, hint: searchFields[field], text: `${name}${signs[field] ?? ':'}`, isWhole: false }]
}

function toKey({ kind, key }: Known['keys'][number]): Completion {
  const isTaken = findSearchField(key) !== undefined || valueKinds.some((one) => key.startsWith(`${one}.`))
  const name = quoteForSearch(key)
  if (kind === 'metric')
    return { label: key, hint: 'Metric', text: `${isTaken ? 'metric.' : ''}${name}<`, isWhole: false }
  const hint = kind === 'config' ? 'Setting' : 'Summary'
  return { label: `${kind}.${key}`, hint, text: `${kind}.${name}=`, isWhole: false }
}

function listValues(field: SearchField, { statistics, keys }: Known): readonly string[] {
  switch (field) {
    case 'status':
      return jobStates
    case 'kind':
      return jobKinds
    case 'is':
      return isWords
    case 'tag':
      return statistics?.tags ?? []
    case 'project':
      return statistics?.projects ?? []
    case 'owner':
      return ['me', ...(statistics?.owners ?? [])]
    case 'target':
      return statistics?.targets ?? []
    case 'group':
      return statistics?.groups ?? []
    case 'type':
      return statistics?.jobTypes ?? []
    case 'has':
      return keys.filter(({ kind }) => kind === 'metric').map(({ key }) => key)
    case 'created':
    case 'started':
    case 'ended':
    case 'heard':
      return ['1d', '7d', '30d', 'today', 'yesterday']
    default:
      return []
  }
}

/** Those that hold the letters, those that begin with them first. */
function rank(words: readonly string[], letters: string): string[] {
  const lower = letters.toLowerCase()
  const holding = words.filter((word) => word.toLowerCase().includes(lower))
  const begins = (word: string): boolean => word.toLowerCase().startsWith(lower)
  return [...holding.filter(begins), ...holding.filter((word) => !begins(word))]
}
