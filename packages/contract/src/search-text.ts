/**
 * The language of the search field: conditions beside each other, all of which must hold.
 *
 *   status:failed,lost  tag:llama  -tag:old  owner:me  project:"two words"  config.lr>=1e-4  loss<2  min.loss<1
 *   created>7d  ended:today  duration>2h  has:val/loss  is:archived  free words
 *
 * One parser for server, page and command line (`parse-search-text.ts`). Pure.
 */
import type { JobKind, JobState } from './job-state.ts'
import type { ValueKind } from './value-kind.ts'

export type SearchOperator = '=' | '!=' | '<' | '<=' | '>' | '>='

/** Fields that hold a text; `*` in a value stands for any letters. */
export const textFields = [
  'project',
  'tag',
  'owner',
  'target',
  'group',
  'type',
  'model',
  'dataset',
  'name',
  'uid',
] as const
export type TextField = (typeof textFields)[number]

export const timeFields = ['created', 'started', 'ended', 'heard'] as const
export type TimeField = (typeof timeFields)[number]

export const measureFields = ['duration', 'cost', 'gpus', 'attempts'] as const
export type MeasureField = (typeof measureFields)[number]

export const isWords = ['live', 'ended', 'archived'] as const
export type IsWord = (typeof isWords)[number]

/** Every field with what it is, for completion and for the guide. */
export const searchFields = {
  status: 'State: running, failed …',
  tag: 'Tag',
  project: 'Project',
  owner: 'Who made it; «me» for yourself',
  name: 'Part of the name',
  kind: 'training, evaluation …',
  model: 'Model',
  dataset: 'Dataset',
  target: 'Where it runs',
  group: 'Group',
  type: 'Type in its group',
  uid: 'Part of the uid',
  created: 'When it was made: >7d, <2026-01-31',
  started: 'When it started',
  ended: 'When it ended',
  heard: 'When it last reported',
  duration: 'How long it ran: >2h',
  cost: 'What it cost: >50',
  gpus: 'Number of GPUs',
  attempts: 'Number of attempts',
  is: 'live, ended or archived',
  has: 'Logs this metric',
} as const satisfies Record<string, string>
export type SearchField = keyof typeof searchFields

export type SearchCondition =
  | { kind: 'word'; word: string }
  | { kind: 'state'; states: readonly JobState[] }
  | { kind: 'job-kind'; kinds: readonly JobKind[] }
  | { kind: 'text'; field: TextField; values: readonly string[] }
  | { kind: 'is'; word: IsWord }
  | { kind: 'has'; key: string }
  /** At or after `from` and before `until`, ms; either may be missing. */
  | { kind: 'time'; field: TimeField; from?: number; until?: number }
  /** `duration` in ms. */
  | { kind: 'measure'; field: MeasureField; operator: SearchOperator; value: number }
  /** `text` is the value as it was written. */
  | { kind: 'value'; of: ValueKind; key: string; operator: SearchOperator; value: number | string; text: string }

/** A condition, where it stands in the text, and whether it must not hold. */
export type SearchTerm = { from: number; to: number; isNot: boolean; condition: SearchCondition }

/** What cannot be read, where it stands, and what to do about it. */
export type SearchFault = { from: number; to: number; message: string }

export type SearchText = { terms: readonly SearchTerm[]; faults: readonly SearchFault[] }
