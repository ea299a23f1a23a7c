import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Parameter, ParameterChange, ParameterValue } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { refreshSteering } from '../commands/steering-queries.ts'
import { tellProposed } from '../proposals/use-proposals.ts'
import { keepDraft, useDraftsOf } from './draft-store.ts'
import { findConflict, isChange, readDraft, type Draft } from './draft.ts'

/** A draft with all that is known of it. */
export type DraftRow = {
  parameter: Parameter
  draft: Draft
  /** Absent while the job would not take what is entered. */
  value: ParameterValue | undefined
  fault: string | undefined
  /** What somebody else did meanwhile. */
  conflict: string | undefined
}

export type Drafts = {
  rows: readonly DraftRow[]
  of: (key: string) => DraftRow | undefined
  /** As it stands in the control; undefined where nothing was entered. */
  inputOf: (key: string) => ParameterValue | undefined
  enter: (parameter: Parameter, input: ParameterValue) => void
  /** Entering is over: what changes nothing is no draft. */
  settle: (parameter: Parameter) => void
  drop: (key: string) => void
  dropAll: () => void
  /** What somebody else did has been seen, and the draft is still wanted. */
  keep: (parameter: Parameter) => void
  send: ReturnType<typeof useSend>
}

/** What somebody has entered and not sent, for as long as the page is open. `moving`: what a schedule moves meanwhile. */
export function useDrafts(
  uid: string,
  known: readonly Parameter[],
  { changes, moving }: { changes: readonly ParameterChange[]; moving: ReadonlySet<string> },
): Drafts {
  const drafts = useDraftsOf(uid)
  const change = (key: string, draft: Draft | undefined): void => keepDraft(uid, key, draft)
  const rows = known.flatMap((parameter): DraftRow[] => {
    const draft = drafts.get(parameter.key)
    if (!draft || !isChange(parameter, draft)) return []
    const { value, fault } = readDraft(parameter, draft)
    return [{ parameter, draft, value, fault, conflict: findConflict(parameter, draft, changes) }]
  })
  return {
    rows,
    of: (key) => rows.find(({ parameter }) => parameter.key === key),
    inputOf: (key) => drafts.get(key)?.input,
    enter: (parameter, input) => {
      const { revision, awaited } = drafts.get(parameter.key) ?? begin(parameter)
      change(parameter.key, { input, revision, awaited })
    },
    settle: (parameter) => {
      const draft = drafts.get(parameter.key)
      if (draft && !isChange(parameter, draft)) change(parameter.key, undefined)
    },
    drop: (key) => change(key, undefined),
    dropAll: () => {
      for (const key of drafts.keys()) change(key, undefined)
    },
    keep: (parameter) => {
      const draft = drafts.get(parameter.key)
      if (draft) change(parameter.key, { input: draft.input, ...begin(parameter) })
    },
    send: useSend(uid, { change, moving }),
  }
}

function begin({ revision, pending }: Parameter): Omit<Draft, 'input'> {
  return { revision, awaited: pending?.command }
}

/** Sends drafts one after another; those that could not be sent stay, and say why. */
function useSend(
  uid: string,
  { change, moving }: { change: (key: string, draft: Draft | undefined) => void; moving: ReadonlySet<string> },
) {
  const { client } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ rows, note }: { rows: readonly DraftRow[]; note: string }) => {
      let proposed = 0
      for (const { parameter, draft, value, conflict } of rows) {
        if (value === undefined) continue
        const { key } = parameter
        // What only the script has moved meanwhile is no reason to be refused.
        const revision = conflict === undefined ? parameter.revision : draft.revision
        // A schedule gives it another one with every report: nobody could name the newest.
        const seen = moving.has(key) ? {} : { revision }
        const body = { value, ...seen, ...(note.trim() === '' ? {} : { note: note.trim() }) }
        try {
          const answer = await client.call('parameters.set', { params: { uid, key }, body })
          if ('proposals' in answer) proposed += 1
          change(key, undefined)
        } catch (error) {
          change(key, { ...draft, error: error instanceof Error ? error.message : String(error) })
        }
      }
      tellProposed(proposed)
    },
    onSettled: async () => refreshSteering(queries, uid, ['parameters', 'commands', 'schedules', 'proposals']),
  })
}
