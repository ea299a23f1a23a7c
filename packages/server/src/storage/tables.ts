/**
 * The database as Kysely sees it. All times are the server's clock in ms unless a column says otherwise, all JSON is text.
 * A job's `id` is never used again, so whatever still stands under it (series, log segments) can be removed later.
 */
import type {
  AlertLevel,
  AlertStatus,
  AnomalyKind,
  ArtifactDirection,
  ArtifactKind,
  ChannelKind,
  DeliveryEvent,
  DeliveryStatus,
  JobKind,
  JobState,
  NoteSubject,
  ReportRole,
  Role,
  Sample,
  StageState,
  ViewPage,
  WatchedState,
} from '@pilothouse/contract'
import type { ColumnType, Generated } from 'kysely'
import type { BatchTables } from './batch-tables.ts'
import type { CostTables } from './cost-tables.ts'
import type { InstanceTables } from './instance-tables.ts'
import type { LaunchTable, ProjectTable } from './launch-tables.ts'
import type { JobRecordTable } from './record-tables.ts'
import type {
  CheckpointCopyTable,
  CheckpointTable,
  CommandTable,
  ParameterChangeTable,
  ParameterTable,
  PresetTable,
  ProposalTable,
  ScheduleTable,
} from './steering-tables.ts'
import type { WandbKeyTable, WandbRunTable } from './wandb-tables.ts'

/** JSON kept as text; parsed where it is read, because every writer is our own. */
export type Json = string
/** 0 or 1; written as a boolean, too. */
export type Flag = ColumnType<number, number | boolean, number | boolean>

export type JobTable = {
  id: Generated<number>
  uid: string
  kind: JobKind
  /** Member that made it. */
  owner_id: number
  project: string
  name: string
  state: JobState
  state_reason: string | null
  model: string | null
  model_type: string | null
  dataset: string | null
  target: string | null
  group_name: string | null
  job_type: string | null
  /** Array of texts; `job_tag` has the same as rows. */
  tags: Json
  commit_id: string | null
  error_message: string | null
  total_steps: number | null
  total_epochs: number | null
  /** State of the progress measure (`@pilothouse/signals`), not the answer. */
  progress: Json | null
  /** State of the headline fold (`@pilothouse/signals`), not the answer. */
  headline: Json | null
  /** Name of the active stage. */
  stage: string | null
  /** Array of the names that the job declared; null while it declared none. */
  declared_stages: Json | null
  created_ms: number
  started_ms: number | null
  ended_ms: number | null
  heard_ms: number | null
  /** When its newest report was made, by our clock. */
  word_ms: number | null
  /** Number of the current attempt; 0 before the first. */
  attempt: number
  branch: number
  clock_offset_ms: number | null
  /** Lower-case text of everything that a search looks through. */
  search: string
  /** Number of GPUs over all hosts. */
  gpus: number
  version: number
  /** When a rule of retention took its metrics and logs. */
  data_removed_ms: number | null
  /** Since when lists leave it out unless they are asked for it. */
  archived_ms: number | null
  /** Why it failed, in a sentence; empty where no rule knows, null while nobody looked. */
  diagnosis: string | null
  /** What an hour of it costs, and in which currency (rates/price-jobs.ts); null where no rate matches. */
  hour_cost: number | null
  hour_currency: string | null
}

/** What is long and seldom read: apart from `job`, whose row is written anew with every report. */
export type JobDetailTable = {
  job_id: number
  config: Json
  recipe: Json | null
  /** Array with one entry a host. */
  hardware: Json
  summary: Json
  /** Array of what the script said of its metrics; null while it said nothing. */
  metrics: Json | null
  notes: string | null
  error: Json | null
  /** Samples refused because the job was at a bound. */
  samples_left_out: Generated<number>
  /** What the current attempt can be told, without its parameters; null while it has said nothing. */
  controls: Generated<Json | null>
  /** Which checkpoints stay by themselves; null: all. */
  checkpoint_policy: Generated<Json | null>
}

export type JobTagTable = { tag: string; job_id: number }

export type AttemptTable = {
  job_id: number
  number: number
  /** Owner of the job: a claim is looked up among its owner's attempts only, so nobody can take over another's. */
  owner_id: number
  claim: string | null
  state: JobState
  /** Who decided `state`; null while nobody but the creator spoke. */
  state_role: ReportRole | null
  host: string | null
  pid: number | null
  created_ms: number
  started_ms: number | null
  ended_ms: number | null
  exit_code: number | null
  signal: string | null
  /** Why it ended, in words, where whoever follows it there says so. */
  reason: string | null
  error: Json | null
  clock_offset_ms: number | null
  /** An `sdk` has sent points: points of a `parser` are dropped from then on. */
  sdk_spoke: Flag
  log_lines: number
  log_bytes: number
  log_debug: number
  log_info: number
  log_warning: number
  log_error: number
  /** The line under way. */
  log_open: string | null
}

export type BranchTable = {
  job_id: number
  number: number
  parent: number | null
  fork_step: number | null
  fork_epoch: number | null
  created_ms: number
}

export type StageTable = {
  job_id: number
  attempt: number
  position: number
  name: string
  state: StageState
  started_ms: number | null
  ended_ms: number | null
  done: number | null
  total: number | null
}

export type WriterTable = {
  job_id: number
  attempt: number
  writer: string
  /** Every number up to this one was seen. */
  upto: number
  /** Array of numbers seen above a gap. */
  beyond: Json
}

export type LogSegmentTable = {
  job_id: number
  attempt: number
  first_line: number
  lines: number
  first_byte: number
  bytes: number
  debug: number
  info: number
  warning: number
  error: number
  /** 0: as it arrived; 1: compacted and compressed. */
  packed: Flag
  data: Uint8Array
}

export type SampleTable = {
  id: Generated<number>
  job_id: number
  attempt: number
  branch: number
  key: string
  step: number
  /** Its `index` among the samples of one key at one step. */
  place: number
  kind: Sample['kind']
  epoch: number | null
  time_ms: number
  caption: string | null
  /** Media type of the content, told by its bytes. */
  type: Sample['type']
  bytes: number
  width: number | null
  height: number | null
  /** SHA-256 of the content in hex, the name of its file; null when `body` holds it. */
  hash: string | null
  body: Json | null
}

/** What a job has under each key of samples. */
export type SampleKeyTable = {
  job_id: number
  key: string
  /** Array of kinds. */
  kinds: Json
  count: number
  bytes: number
  /** Of the newest. */
  time_ms: number
}

export type ArtifactTable = {
  id: Generated<number>
  job_id: number
  attempt: number
  name: string
  version: number
  kind: ArtifactKind
  direction: ArtifactDirection
  uri: string
  host: string | null
  time_ms: number
  step: number | null
  bytes: number | null
  sha256: string | null
  files: Json
  files_total: number
  metadata: Json
}

export type AlertTable = {
  id: Generated<number>
  job_id: number
  attempt: number
  level: AlertLevel
  title: string
  text: string
  step: number | null
  time_ms: number
  /** null: a script told it. Its name is kept for when the rule is gone. */
  rule_id: number | null
  rule_name: string | null
  /** The series that it is about; null when it is about the job. */
  source: string | null
  key: string | null
  value: number | null
  /** The state of the job that it tells of. */
  state: WatchedState | null
  /** What was unusual; null: it is about something else. */
  anomaly: AnomalyKind | null
  status: AlertStatus
  /** When it came into its status; 0 for those of before there was one. */
  changed_ms: number
  /** Name of the member who put it there; null: by itself. */
  changed_by: string | null
}

export type AlertRuleTable = {
  id: Generated<number>
  owner_id: number
  name: string
  enabled: Flag
  /** As it was written, whole. */
  rule: Json
  created_ms: number
  changed_ms: number
  /** What is older than this is not told. */
  since_ms: number
}

export type ChannelTable = {
  id: Generated<number>
  owner_id: number
  kind: ChannelKind
  name: string
  enabled: Flag
  /** Where it leads, without what is secret. */
  target: string
  /** Where it leads, with what is secret, sealed (channels/seal.ts). */
  sealed: string
  created_ms: number
  changed_ms: number
}

export type DeliveryTable = {
  id: Generated<number>
  channel_id: number
  event: DeliveryEvent
  status: DeliveryStatus
  /** What is told, as it was then (channels/alert-message.ts). */
  message: Json
  created_ms: number
  tries: number
  tried_ms: number | null
  /** When it is due; null once it is over. */
  next_ms: number | null
  error: string | null
}

export type NoteTable = {
  id: Generated<number>
  job_id: number
  author_id: number
  created_ms: number
  edited_ms: number | null
  editor_id: number | null
  /** Set on one that was deleted and can still be brought back. */
  deleted_ms: number | null
  text: string
  subject_kind: NoteSubject['kind']
  /** Of a checkpoint, its id. */
  subject_id: number | null
  subject: Json
}

/** Jobs that are gone for everybody and whose series and logs wait for removal. */
export type RemovalTable = { job_id: number; at_ms: number }

/** A deleted job that can still be restored: its rows of all tables but series and logs, which stay where they are. */
export type DeletedJobTable = {
  job_id: number
  uid: string
  name: string
  project: string
  state: JobState
  deleted_ms: number
  /** From then on it is gone for good. */
  purge_ms: number
  /** Who deleted it; null for the rules of retention. */
  member_id: number | null
  /** Rows by table. */
  rows: Json
}

/** Space that a job takes, as measured last. */
export type JobSizeTable = {
  job_id: number
  points: number
  metric_bytes: number
  log_bytes: number
  /** Samples and artifacts. */
  file_bytes: number
  total_bytes: number
  measured_ms: number
}

/** Names of what jobs are searched and sorted by. */
export type ValueKeyTable = {
  id: Generated<number>
  kind: 'metric' | 'config' | 'summary'
  key: string
}

/** One value of a job. A metric has its last, lowest and highest one; a setting is a number or a word. */
export type JobValueTable = {
  key_id: number
  job_id: number
  number: number | null
  low: number | null
  high: number | null
  word: string | null
}

/** Which version of a job its values are from, and by which rate card it was priced. */
export type JobDigestTable = { job_id: number; version: number; at_ms: number; rates: Generated<number> }

export type MemberTable = {
  id: Generated<number>
  name: string
  role: Role
  created_ms: number
  disabled_ms: number | null
}

export type TokenTable = {
  id: Generated<number>
  /** SHA-256 of the secret, in hex. */
  hash: string
  kind: 'token' | 'session' | 'link'
  member_id: number
  role: Role
  name: string
  /** Set when it is good for one job, and there for one attempt. */
  job_uid: string | null
  attempt: number | null
  created_ms: number
  /** null: without an end. */
  expires_ms: number | null
  revoked_ms: number | null
  used_ms: number | null
}

export type AuditTable = {
  id: Generated<number>
  at_ms: number
  member_id: number | null
  token_id: number | null
  /** Name of the route, as `jobs.delete`. */
  action: string
  /** What it was done to: a uid, a token id. */
  subject: string | null
  detail: Json | null
  address: string | null
}

export type ViewTable = {
  id: Generated<number>
  owner_id: number
  page: ViewPage
  /** null: for all projects. */
  project: string | null
  name: string
  /** Part of an address, without «?». */
  search: string
  is_shared: Flag
  created_ms: number
  updated_ms: number
}

/** The view that a page opens with, by member. */
export type ViewDefaultTable = { member_id: number; page: ViewPage; view_id: number }

export type SettingTable = { key: string; value: Json }

export type MigrationTable = { name: string; at_ms: number }

export type Tables = BatchTables &
  CostTables &
  InstanceTables & {
    job: JobTable
    job_detail: JobDetailTable
    job_tag: JobTagTable
    attempt: AttemptTable
    branch: BranchTable
    stage: StageTable
    writer: WriterTable
    log_segment: LogSegmentTable
    sample: SampleTable
    sample_key: SampleKeyTable
    artifact: ArtifactTable
    alert: AlertTable
    alert_rule: AlertRuleTable
    channel: ChannelTable
    delivery: DeliveryTable
    note: NoteTable
    command: CommandTable
    parameter: ParameterTable
    parameter_change: ParameterChangeTable
    checkpoint: CheckpointTable
    checkpoint_copy: CheckpointCopyTable
    schedule: ScheduleTable
    preset: PresetTable
    proposal: ProposalTable
    project: ProjectTable
    launch: LaunchTable
    removal: RemovalTable
    deleted_job: DeletedJobTable
    job_size: JobSizeTable
    value_key: ValueKeyTable
    job_value: JobValueTable
    job_digest: JobDigestTable
    job_record: JobRecordTable
    member: MemberTable
    token: TokenTable
    audit: AuditTable
    saved_view: ViewTable
    view_default: ViewDefaultTable
    wandb_key: WandbKeyTable
    wandb_run: WandbRunTable
    setting: SettingTable
    migration: MigrationTable
  }
