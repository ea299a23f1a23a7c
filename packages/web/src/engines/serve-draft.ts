/** An engine to start as it is written in the sheet: what is wrong with it, and what is sent of it. Pure. */
import type { Serving, ServingKind, ServingStart } from '@pilothouse/contract'
import { limits, PilothouseError, servingCommands, splitWords } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { type DraftField, emptyDraft, type LaunchDraft, readDraft } from '../launches/launch-draft.ts'

export type ServeDraft = {
  name: string
  /** Empty: its name. */
  modelName: string
  /** Of no use for a checkpoint. */
  path: string
  kind: ServingKind
  /** As a shell would have it; empty: that of its kind. */
  command: string
  /** Minutes; empty: never. */
  idle: string
  /** Where it runs, and with how much of it. */
  launch: LaunchDraft
}
export type ServeField = Exclude<keyof ServeDraft, 'launch' | 'kind'> | DraftField
export type ServeFaults = Partial<Record<ServeField | 'rest', string>>
/** What it serves, where that is no path. */
export type ServedCheckpoint = { jobUid: string; checkpointId: number }

export const emptyServe: ServeDraft = {
  name: '',
  modelName: '',
  path: '',
  kind: 'vllm',
  command: '',
  idle: '',
  launch: emptyDraft,
}

/** The command of a kind as a shell would have it; empty for one's own. */
export function showCommand(kind: ServingKind): string {
  return kind === 'custom' ? '' : servingCommands[kind].join(' ')
}

/** What can be sent; without a body, what is wrong and where. */
export function readServe(
  draft: ServeDraft,
  checkpoint: ServedCheckpoint | undefined,
): { body: ServingStart | undefined; faults: ServeFaults } {
  const { name, modelName, path, kind, idle } = draft
  const written = draft.command.trim() || showCommand(kind)
  const command = splitWords(written)
  const minutes = idle.trim() === '' ? null : Number(idle)
  const isIdle =
    minutes === null || (Number.isInteger(minutes) && minutes >= 1 && minutes <= limits.servingIdleMinutesMax)
  const { spec, faults: launchFaults } = readDraft({ ...draft.launch, command: written || 'nothing' })
  const faults: ServeFaults = {
    ...launchFaults,
    ...(name.trim() === '' ? { name: 'Give it a name: it is what it is called here.' } : {}),
    ...(checkpoint === undefined && path.trim() === ''
      ? { path: 'Say where its target has the model, or which one the engine is to fetch.' }
      : {}),
    ...('message' in command ? { command: command.message } : {}),
    ...(written === '' ? { command: 'Write its command, with {model} and {port} in it.' } : {}),
    ...(isIdle ? {} : { idle: `Whole minutes from 1 to ${formatCount(limits.servingIdleMinutesMax)}, or nothing.` }),
  }
  if (spec === undefined || Object.keys(faults).length > 0) return { body: undefined, faults }
  const { target, project, code, within, environment, resources, directives } = spec
  const placed = { target, project, code, within, environment, resources, directives }
  return {
    body: {
      ...placed,
      name: name.trim(),
      ...(modelName.trim() === '' ? {} : { modelName: modelName.trim() }),
      model: checkpoint ?? { path: path.trim() },
      kind,
      ...(draft.command.trim() === '' || !('words' in command) ? {} : { command: command.words }),
      idleMinutes: minutes,
    },
    faults,
  }
}

/** What the server says, by the field that it is about; `rest` is about none of them. */
export function readServeFaults(error: Error | null): ServeFaults {
  if (error === null) return {}
  if (!(error instanceof PilothouseError)) return { rest: error.message }
  const words = `${error.message} ${error.hint}`
  const [field = ''] = (error.field ?? '').replace(/^resources\./, '').split(/[.[]/)
  switch (field) {
    case 'name':
    case 'modelName':
    case 'command':
    case 'target':
    case 'partition':
    case 'account':
    case 'gpus':
      return { [field]: words }
    case 'model':
      return { path: words, rest: words }
    default:
      return { rest: words }
  }
}

/** Those under way, and what ended within the last hour: somebody may want to know why. */
export function listShown(servings: readonly Serving[], now: number): Serving[] {
  return servings.filter(({ endedAt }) => endedAt === null || now - endedAt < 3_600_000)
}
