/** Tables of commands, parameters and checkpoints, as a part of `tables.ts`. */
import type {
  ChangeEvent,
  CheckpointKind,
  CheckpointState,
  CommandKind,
  CommandState,
  CopyState,
  ProposalState,
  ProposedChange,
  SchedulePhase,
} from '@pilothouse/contract'
import type { Generated } from 'kysely'
import type { Flag, Json } from './tables.ts'

export type CommandTable = {
  id: Generated<number>
  job_id: number
  attempt: number
  kind: CommandKind
  body: Json
  /** What it is about, by which a later one takes the place of an earlier: the key of a parameter. */
  subject: string | null
  state: CommandState
  /** null: by pilothouse itself. */
  member_id: number | null
  /** The admin who approved it; null where it was given directly. */
  approver_id: Generated<number | null>
  note: string | null
  created_ms: number
  expires_ms: number
  delivered_ms: number | null
  settled_ms: number | null
  step: number | null
  reason: string | null
}

export type ParameterTable = {
  job_id: number
  key: string
  /** The one that declared it last; it cannot be changed in another. */
  attempt: number
  /** In the order of its declaration. */
  position: number
  declaration: Json
  value: Json
  revision: number
  changed_ms: number
}

export type ParameterChangeTable = {
  id: Generated<number>
  job_id: number
  key: string
  attempt: number
  branch: number
  at_ms: number
  step: number | null
  epoch: number | null
  old: Json | null
  value: Json
  cause: ChangeEvent['cause']
  command_id: number | null
}

export type CheckpointTable = {
  id: Generated<number>
  job_id: number
  attempt: number
  branch: number
  name: string
  kind: CheckpointKind
  state: CheckpointState
  state_reason: string | null
  /** When its files go; null unless it is being deleted. */
  delete_ms: number | null
  time_ms: number
  step: number
  epoch: number | null
  uri: string
  host: string
  bytes: number
  sha256: string | null
  files: number
  took_ms: number
  covers: Json
  metrics: Json
  parameters: Json
  tags: Json
  description: string | null
  pinned: Flag
  command_id: number | null
  /** Since when it is missing or corrupt. */
  fault_ms: number | null
  /** When its files were seen, and their bytes compared with the checksum, last. */
  seen_ms: number | null
  summed_ms: number | null
  /** When they were looked for here last, whatever came of it. */
  looked_ms: number | null
  /** Disk on which they were seen last. */
  device: string | null
  /** Why they cannot be looked at, and since when. */
  hidden_reason: string | null
  hidden_ms: number | null
}

export type CheckpointCopyTable = {
  id: Generated<number>
  job_id: number
  checkpoint_id: number
  /** `removing`: it is none any more, and its files go. A checkpoint has one row at most that is in another state. */
  state: CopyState | 'removing'
  reason: string | null
  /** Of the checkpoint when it was asked for: those of its copy. */
  sha256: string
  bytes: number
  received: number
  /** The order to the job that sends it; null: it is copied on this machine. */
  command_id: number | null
  member_id: number
  created_ms: number
  changed_ms: number
}

export type ScheduleTable = {
  /** That of the command which gave it to its attempt. */
  id: number
  job_id: number
  attempt: number
  key: string
  schedule: Json
  state: Json
  phase: SchedulePhase
  /** Why it has ended before its time, in words. */
  reason: string | null
  member_id: number | null
  note: string | null
  created_ms: number
  changed_ms: number
}

export type ProposalTable = {
  id: Generated<number>
  job_id: number
  attempt: number
  kind: ProposedChange['kind']
  /** Of the parameter. */
  key: string
  body: Json
  state: ProposalState
  member_id: number
  note: string | null
  created_ms: number
  decided_ms: number | null
  /** null: pilothouse itself. */
  decider_id: number | null
  reason: string | null
  command_id: number | null
}

export type PresetTable = {
  id: Generated<number>
  owner_id: number
  name: string
  /** null: offered in all projects. */
  project: string | null
  preset_values: Json
  created_ms: number
}
