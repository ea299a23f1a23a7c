/** Commands: durable orders to a running job. Their states stand in command-state.ts. */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { commandKinds, commandStates } from './command-state.ts'
import { limits } from './limits.ts'
import { parameterDeclaration, parameterValue } from './parameter.ts'
import { schedule, scheduleState } from './schedule.ts'

const nothing = z.object({})
const place = z.object({ checkpoint: z.int(), name: z.string(), uri: z.string(), step: z.number() })

/** What is to be done, by kind. */
export const order = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('set'), body: z.object({ key: z.string(), value: parameterValue }) }),
  z.object({
    kind: z.literal('checkpoint'),
    body: z.object({ name: z.string().nullable(), description: z.string().nullable(), tags: z.array(z.string()) }),
  }),
  z.object({
    kind: z.literal('rollback'),
    body: place.extend({
      sha256: z.string().nullable(),
      /** The control room has a copy of it. */
      copied: z.boolean().optional(),
      checkpointFirst: z.boolean(),
      keepParameters: z.boolean(),
    }),
  }),
  z.object({ kind: z.literal('deleteCheckpoint'), body: place }),
  z.object({ kind: z.literal('copy'), body: place.extend({ sha256: z.string().nullable() }) }),
  z.object({ kind: z.literal('pause'), body: nothing }),
  z.object({ kind: z.literal('resume'), body: nothing }),
  z.object({ kind: z.literal('stop'), body: z.object({ checkpointFirst: z.boolean() }) }),
  z.object({ kind: z.literal('evaluate'), body: nothing }),
  /** `state`: where it stands, when an earlier attempt had it. */
  z.object({ kind: z.literal('schedule'), body: z.object({ schedule, state: scheduleState.nullable() }) }),
  z.object({ kind: z.literal('cancelSchedule'), body: z.object({ schedule: z.int(), key: z.string() }) }),
])
export type Order = z.infer<typeof order>

/** What a job can be told, as it declares it: all that anybody is offered. The last word counts, whole. */
export const controls = z.object({
  kinds: z.array(z.enum(commandKinds)).max(commandKinds.length),
  /** How it goes back to a checkpoint: where it is, or by being started again; and what comes back with it. */
  rollback: z
    .object({
      way: z.enum(['inPlace', 'relaunch']),
      covers: z.array(z.string().max(limits.nameLengthMax)).max(limits.checkpointCoversMax),
    })
    .nullable()
    .default(null),
  parameters: z
    .array(parameterDeclaration.extend({ value: parameterValue }))
    .max(limits.jobParametersMax)
    .default([]),
})
export type Controls = z.infer<typeof controls>

/** How a command ended, inside a report. */
export const outcomeEvent = z.object({
  id: z.int().min(1),
  state: z.enum(['applied', 'rejected', 'failed', 'expired', 'superseded']),
  /** Client's clock, ms. */
  at: z.number(),
  step: z.number().nullable().default(null),
  /** In words, for all but `applied`. */
  reason: cleanText(limits.commandReasonMax).nullable().default(null),
})
export type OutcomeEvent = z.infer<typeof outcomeEvent>

/** Where a schedule stands, inside a report. */
export const scheduleEvent = z.object({
  /** The command that gave it. */
  id: z.int().min(1),
  state: scheduleState,
  /** Client's clock, ms. */
  at: z.number(),
})
export type ScheduleEvent = z.infer<typeof scheduleEvent>

/** The job went back: what follows belongs to a new branch. A report has it before its points. */
export const forkEvent = z.object({
  at: z.number(),
  /** Step that it goes on from, and the one that it had reached. */
  step: z.number(),
  from: z.number().nullable().default(null),
  /** Name of the checkpoint. */
  checkpoint: cleanText(limits.nameLengthMax).nullable().default(null),
})
export type ForkEvent = z.infer<typeof forkEvent>

const person = z.object({ id: z.int(), name: z.string() })

/** A command as it is listed. Times are the server's clock, ms. */
export const command = z.intersection(
  order,
  z.object({
    id: z.int(),
    state: z.enum(commandStates),
    attempt: z.int(),
    createdAt: z.number(),
    /** null: by pilothouse itself, as for a value that stands over a restart. */
    by: person.nullable(),
    /** The admin who approved it, where it was proposed first. */
    approvedBy: person.nullable(),
    note: z.string().nullable(),
    deliveredAt: z.number().nullable(),
    settledAt: z.number().nullable(),
    /** Step at which it was carried out. */
    step: z.number().nullable(),
    reason: z.string().nullable(),
    expiresAt: z.number(),
  }),
)
export type Command = z.infer<typeof command>

/** A schedule of a job. Times are the server's clock, ms. */
export const jobSchedule = z.object({
  /** That of the command which gave it to the current attempt. */
  id: z.int(),
  schedule,
  state: scheduleState,
  /** In words what it does, and why it has ended where it ended before its time. */
  words: z.string(),
  end: z.string().nullable(),
  by: person.nullable(),
  note: z.string().nullable(),
  createdAt: z.number(),
  changedAt: z.number(),
})
export type JobSchedule = z.infer<typeof jobSchedule>

export const scheduleList = z.object({
  /** Those under way and waiting first, then the newest. */
  schedules: z.array(jobSchedule),
  /** Why none can be added now, in words; null when one can. */
  refusal: z.string().nullable(),
})
export type ScheduleList = z.infer<typeof scheduleList>

export const scheduleCreate = z.object({ schedule, note: cleanText(limits.commandNoteMax).optional() })
export type ScheduleCreate = z.input<typeof scheduleCreate>

export const commandQuery = z.object({
  state: z.enum(['open', 'any']).default('any'),
  limit: z.coerce.number().int().min(1).max(limits.commandPageMax).default(100),
  /** From `next` of the page before. */
  cursor: z.coerce.number().int().min(1).optional(),
})

/** Newest first. */
export const commandPage = z.object({
  commands: z.array(command),
  total: z.int(),
  next: z.int().nullable(),
  /** What the job says that it can be told; null while it has said nothing, or has ended. */
  controls: z.object({ kinds: controls.shape.kinds, rollback: controls.shape.rollback }).nullable(),
})
export type CommandPage = z.infer<typeof commandPage>

const note = cleanText(limits.commandNoteMax).optional()
export const commandNote = z.object({ note }).default({})
export const stopStart = z
  .object({
    note,
    /** Writes down where it stands before it ends, where it can. */
    checkpointFirst: z.boolean().default(true),
  })
  .prefault({})

/** What a job asks for: its open commands behind the last one that it has. Answers as soon as there is one. */
export const commandTakeQuery = z.object({
  attempt: z.coerce.number().int().min(1),
  /** Id of the last one that it has; 0: all that are open. */
  after: z.coerce.number().int().min(0).default(0),
  /** How long to wait for one, ms. */
  waitMs: z.coerce.number().int().min(0).max(limits.commandWaitMaxMs).default(0),
})

export const commandTaken = z.object({
  /** In the order in which they were given. */
  commands: z.array(z.intersection(order, z.object({ id: z.int(), expiresInMs: z.number() }))),
  /** Names of checkpoints that no rule of the script may delete. */
  pinned: z.array(z.string()),
  /** The attempt has ended, as far as the server knows: nothing will come. */
  isOver: z.boolean(),
})
export type CommandTaken = z.infer<typeof commandTaken>
