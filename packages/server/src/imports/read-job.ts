/** One job of an old file, read with patience. Pure. What cannot be read is a problem, what is not there is lacking. */
import { createHash } from 'node:crypto'
import {
  type ImportProblem,
  type JobError,
  type JobKind,
  type JobPatch,
  type LogBlock,
  type PointBlock,
  type StageEvent,
  jobKinds,
  jobUid,
} from '@pilothouse/contract'
import { FieldPicker } from './field-picker.ts'
import { readError, readLogs } from './read-error.ts'
import { readMeasures, readSteps, toJson } from './read-measures.ts'
import { readTimeline } from './read-stages.ts'
import { readTimes, type Times } from './read-times.ts'
import {
  type OldState,
  type ValueReader,
  isObject,
  makeTimeReader,
  readList,
  readName,
  readObject,
  readState,
  readTags,
  readText,
} from './value-readers.ts'

export type OldJob = {
  uid: string
  kind: JobKind
  state: OldState
  createdMs: number
  startedMs: number
  endedMs: number
  /** Fields that its owner may have changed here since: set once. */
  first: Pick<JobPatch, 'name' | 'project' | 'tags' | 'notes'>
  patch: JobPatch
  stages: StageEvent[]
  error: JobError | undefined
  points: PointBlock[]
  logs: LogBlock[]
  problems: ImportProblem[]
  lacks: string[]
  /** The same content has the same mark. */
  mark: string
}
export type ReadContext = { place: string; key: number | string; file: string; now: number }
export type ReadResult = { job: OldJob } | { problems: ImportProblem[] }

/** The tag by which imported jobs are found. */
export const importedTag = 'imported'

/** Reads an entry; only its problems when it cannot become a job. */
export function readOldJob(value: unknown, context: ReadContext): ReadResult {
  const { place, now } = context
  if (!isObject(value)) return refuse(place, 'This is no job.', 'an object with the fields of a job')
  const picker = new FieldPicker(value, { place })
  const time = makeTimeReader(now)
  const names = readNames(picker)
  const times = readTimes(picker, time, now)
  const uid = chooseUid(picker, { key: context.key, names, createdMs: times.told })
  if (uid === undefined)
    return refuse(place, 'Nothing tells this job from others.', 'a field uid, id or job_id, or a name and a time')
  const state = picker.take(['state', 'status'], readState)
  const parts = readParts(picker, { place, time, times, state: state ?? 'lost' })
  const first = readFirst(picker, { uid, names })
  const patch = readPatch(picker, { names, parts, file: context.file })
  const { createdMs, startedMs, endedMs } = times
  const job: OldJob = {
    uid,
    kind: jobKinds.find((one) => one === value['kind']) ?? 'training',
    state: state ?? 'lost',
    createdMs,
    startedMs,
    endedMs,
    first,
    patch,
    stages: parts.timeline.events.length > 0 ? parts.timeline.events : parts.steps.events,
    error: parts.error,
    points: parts.measures.history?.blocks ?? [],
    logs: parts.logs,
    problems: [...picker.problems, ...parts.timeline.problems],
    lacks: [...times.lacks, ...(state === undefined ? ['how it ended'] : []), ...listLacking(parts)],
    mark: hash(JSON.stringify(value)).slice(0, 24),
  }
  return { job }
}

type Parts = ReturnType<typeof readParts>
type PartsContext = { place: string; time: ValueReader<number>; times: Times; state: OldState }

function readParts(picker: FieldPicker, { place, time, times, state }: PartsContext) {
  const { startedMs, endedMs } = times
  const stages = picker.take(['stages', 'pipeline', 'timeline', 'stage_history'], readList) ?? []
  return {
    timeline: readTimeline(stages, { place, time, startedMs }),
    measures: readMeasures(picker, { time, fallback: endedMs }),
    steps: readSteps(picker, state, times),
    error: readError(picker),
    logs: readLogs(picker, endedMs),
  }
}

function listLacking({ timeline, measures, logs }: Parts): string[] {
  return [
    ...timeline.lacks,
    ...(measures.history ? measures.history.lacks : ['curves']),
    ...(timeline.names.length === 0 ? ['stages'] : []),
    ...(logs.length === 0 ? ['log'] : []),
  ]
}

function readFirst(picker: FieldPicker, { uid, names }: { uid: string; names: Names }): OldJob['first'] {
  const { name = uid, project } = names
  const notes = picker.take(['notes', 'description'], readText)
  const tags = [...new Set([importedTag, ...(picker.take(['tags', 'labels'], readTags) ?? [])])]
  return { name, tags, ...(project === undefined ? {} : { project }), ...(notes === undefined ? {} : { notes }) }
}

const configNames = [
  'config',
  'configuration',
  'hyperparameters',
  'hyperparams',
  'parameters',
  'params',
  'settings',
  'training_config',
  'args',
]

/** Takes what is left as well: a field that nobody knows is kept in the configuration, under `imported`. */
function readPatch(
  picker: FieldPicker,
  { names, parts, file }: { names: Names; parts: Parts; file: string },
): OldJob['patch'] {
  const { name: _name, project: _project, ...descriptions } = names
  const commit = picker.take(['commit', 'git_commit', 'commit_id', 'sha'], readName)
  const config = picker.take(configNames, readObject) ?? {}
  const stages = [...new Set(parts.timeline.names)]
  return {
    ...descriptions,
    ...parts.steps.patch,
    ...(commit === undefined ? {} : { recipe: { git: { commit } } }),
    ...(stages.length === 0 ? {} : { stages }),
    config: { ...toJson(config), imported: { file, ...toJson(picker.rest()) } },
    summary: parts.measures.summary,
  }
}

function refuse(place: string, message: string, expected: string): ReadResult {
  return { problems: [{ place, message, expected }] }
}

type Names = Pick<JobPatch, 'name' | 'project' | 'model' | 'modelType' | 'dataset' | 'target' | 'group'>

function readNames(picker: FieldPicker): Names {
  const name = picker.take(['name', 'job_name', 'title', 'display_name', 'run_name'], readName)
  const project = picker.take(['project', 'project_name'], readName)
  const model = picker.take(['model', 'model_name', 'base_model'], readName)
  const modelType = picker.take(['model_type', 'architecture', 'task'], readName)
  const dataset = picker.take(['dataset', 'dataset_name', 'data', 'dataset_path'], readName)
  const target = picker.take(['target', 'host', 'machine', 'instance', 'cluster', 'node'], readName)
  const group = picker.take(['group', 'experiment', 'sweep'], readName)
  return {
    ...(name === undefined ? {} : { name }),
    ...(project === undefined ? {} : { project }),
    ...(model === undefined ? {} : { model }),
    ...(modelType === undefined ? {} : { modelType }),
    ...(dataset === undefined ? {} : { dataset }),
    ...(target === undefined ? {} : { target }),
    ...(group === undefined ? {} : { group }),
  }
}

type Identity = { key: number | string; names: Names; createdMs: number | undefined }

/** The same job in the same or a later file has the same uid. */
function chooseUid(picker: FieldPicker, { key, names, createdMs }: Identity): string | undefined {
  const id =
    picker.take(['uid', 'id', 'job_id', 'uuid', 'run_id'], readName) ?? (typeof key === 'string' ? key : undefined)
  if (id !== undefined) return jobUid.safeParse(id).success ? id : `old-${hash(id).slice(0, 16)}`
  if (names.name === undefined || createdMs === undefined) return undefined
  return `old-${hash([names.name, names.project ?? '', String(createdMs)].join('\n')).slice(0, 16)}`
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
