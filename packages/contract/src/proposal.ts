/** Proposals: changes of running jobs that an admin has to approve, and where that is so. States stand in proposal-state.ts. */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { limits } from './limits.ts'
import { parameterValue } from './parameter.ts'
import { proposalStates } from './proposal-state.ts'
import { schedule } from './schedule.ts'

/** Where changes of parameters by people without training:admin wait for an admin. Nowhere unless it says so. */
export const approval = z.object({
  /** In all projects. */
  all: z.boolean().default(false),
  /** In these. */
  projects: z.array(cleanText(limits.nameLengthMax, 1)).max(limits.approvalProjectsMax).default([]),
})
export type Approval = z.infer<typeof approval>

/** What is to be changed. */
const proposedChange = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('set'),
    key: z.string(),
    value: parameterValue,
    /** Value and revision of the parameter when it was proposed. */
    old: parameterValue,
    revision: z.int(),
  }),
  z.object({ kind: z.literal('schedule'), key: z.string(), schedule }),
])
export type ProposedChange = z.infer<typeof proposedChange>

const person = z.object({ id: z.int(), name: z.string() })

/** A proposal as it is listed. Times are the server's clock, ms. */
export const proposal = z.intersection(
  proposedChange,
  z.object({
    id: z.int(),
    attempt: z.int(),
    state: z.enum(proposalStates),
    by: person,
    note: z.string().nullable(),
    createdAt: z.number(),
    decidedAt: z.number().nullable(),
    /** Who decided; null while it is open, and where pilothouse itself did. */
    decidedBy: person.nullable(),
    /** Why it was declined, or has expired. */
    reason: z.string().nullable(),
    /** The command that it became. */
    command: z.int().nullable(),
  }),
)
export type Proposal = z.infer<typeof proposal>

/** Those that wait first, then the newest. */
export const proposalList = z.object({ proposals: z.array(proposal) })
export type ProposalList = z.infer<typeof proposalList>

/** The answer, with status 202, to a change that waits for an admin: nothing has been changed. */
export const proposed = z.object({
  /** One for each parameter. */
  proposals: z.array(proposal),
  /** The same in words. */
  message: z.string(),
})
export type Proposed = z.infer<typeof proposed>

export const proposalApprove = z
  .object({
    /** The one of the parameter that was seen. Absent: that of when it was proposed. Another one by now: 409. */
    revision: z.int().optional(),
  })
  .default({})

export const proposalDecline = z.object({ reason: cleanText(limits.commandNoteMax).optional() }).default({})
