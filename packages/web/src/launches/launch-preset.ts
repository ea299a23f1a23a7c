/** The form of a launch under a name: what of it is kept, and the form that it becomes again. Pure. */
import type { LaunchPreset, LaunchPresetInput, LaunchSpec, Project } from '@pilothouse/contract'
import {
  type DraftCommands,
  type DraftField,
  type DraftReading,
  emptyDraft,
  type LaunchDraft,
  readDraft,
  writeDraft,
} from './launch-draft.ts'
import type { ScriptChoice } from './script-draft.ts'

/** The form as it stands. */
export type LaunchForm = {
  draft: LaunchDraft
  /** The arguments by a form; undefined: a command line is written. */
  choice: ScriptChoice | undefined
}

/** How fields are called on the form. */
const fieldNames: Record<DraftField, string> = {
  project: 'project',
  code: 'code',
  commit: 'commit',
  target: 'target',
  command: 'command',
  name: 'name',
  within: 'folder',
  tags: 'tags',
  environment: 'variables',
  nodes: 'nodes',
  gpus: 'GPUs',
  gpuType: 'GPU type',
  cpus: 'CPUs',
  tasks: 'tasks',
  memory: 'memory',
  time: 'time limit',
  partition: 'partition',
  account: 'account',
  qos: 'QoS',
  constraint: 'constraint',
  reservation: 'reservation',
  directives: 'options of sbatch',
  requeue: 'starting again',
  warn: 'warning before its end',
  torchrun: 'torchrun',
  array: 'array',
  atOnce: 'jobs at a time',
}

/**
 * What is kept of the form; without it, which fields cannot be read. A command may be missing.
 * @param commands what the form of arguments has made
 */
export function writePreset(
  { draft, choice }: LaunchForm,
  projects: readonly Project[],
  commands?: DraftCommands,
): { search: string } | { faults: DraftReading['faults'] } {
  const isWritten = choice === undefined && draft.command.trim() !== ''
  const { spec, array, faults } = readDraft({ ...draft, command: isWritten ? draft.command : '-', environment: '' })
  if (spec === undefined) return { faults }
  const { project: _, environment: __, ...rest } = spec
  const words = commands?.total === 1 ? [...commands.start, ...(commands.jobs[0] ?? [])] : []
  const preset: LaunchPresetInput = {
    project: projects.find(({ id }) => id === draft.project)?.name ?? null,
    spec: { ...rest, command: choice ? words : isWritten ? rest.command : [] },
    variables: listVariables(draft.environment),
    array: array ?? null,
    form: choice ?? null,
  }
  return { search: JSON.stringify(preset) }
}

/** The form of a preset. A variable has no value there: its line is to be completed. */
export function readPreset(search: string, projects: readonly Project[]): LaunchForm & { project: string | null } {
  const { project, spec, variables, array, form } = JSON.parse(search) as LaunchPreset // the server takes no other
  const id = projects.find(({ name }) => name === project)?.id ?? null
  const { command, ...rest } = spec
  const whole: LaunchSpec = { ...rest, command: form ? [] : command, project: id, environment: {} }
  return {
    project,
    draft: {
      ...writeDraft(whole),
      environment: variables.join('\n'),
      ...(array && { array: true, atOnce: array.atOnce === null ? '' : String(array.atOnce) }),
    },
    choice: form && id !== null ? form : undefined,
  }
}

/** Fields that are other than in the preset, by their names on the form. */
export function listPresetChanges(before: LaunchForm, now: LaunchForm): string[] {
  const fields = Object.keys(emptyDraft) as DraftField[] // its own keys
  const said = fields.flatMap((field) => {
    const read = ({ draft }: LaunchForm): string =>
      field === 'environment' ? listVariables(draft.environment).join() : String(draft[field]).trim()
    return read(before) === read(now) ? [] : fieldNames[field]
  })
  return JSON.stringify(before.choice) === JSON.stringify(now.choice) ? said : [...said, 'arguments']
}

/** Two presets are the same where the forms that they become are. What is no preset is itself. */
export function presetKey(search: string, projects: readonly Project[]): string {
  if (!search.startsWith('{')) return search
  const { draft, choice, project } = readPreset(search, projects)
  return JSON.stringify([project, draft, choice])
}

/** Names of the variables that are written, also of lines without a value. */
export function listVariables(text: string): string[] {
  const names = text.split('\n').map((line) => /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*(?:=.*)?$/.exec(line)?.[1])
  return [...new Set(names.flatMap((name) => name ?? []))]
}
