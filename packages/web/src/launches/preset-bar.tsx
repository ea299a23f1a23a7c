import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { Project, View } from '@pilothouse/contract'
import type { OwnState } from '../views/use-views.ts'
import { ViewsMenu } from '../views/views-menu.tsx'
import type { DraftCommands } from './launch-draft.ts'
import {
  type LaunchForm,
  listPresetChanges,
  listVariables,
  presetKey,
  readPreset,
  writePreset,
} from './launch-preset.ts'

const route = getRouteApi('/frame/launch')

type BarProps = {
  form: LaunchForm
  /** As it was when it was opened. */
  first: LaunchForm
  /** What the form of arguments has made. */
  commands: DraftCommands | undefined
  /** A script was written in place of the template's. */
  hasOwnScript: boolean
  projects: readonly Project[]
  preset: View | undefined
  onBegin: (preset: View | undefined) => void
}

/** In place of what is kept, while the form cannot be read. */
const unreadable = 'unreadable'

/** Presets of the form: chosen, kept, and what has been changed since. */
export function PresetBar({ form, first, commands, hasOwnScript, projects, preset, onBegin }: BarProps) {
  const navigate = useNavigate()
  const { preset: askedId } = route.useSearch()
  const written = writePreset(form, projects, form.choice && commands)
  const project = projects.find(({ id }) => id === form.draft.project)?.name
  const isUntouched = preset === undefined && listPresetChanges(first, form).length === 0
  const isEmpty = isUntouched && form.draft.command === ''
  const search = isEmpty ? '' : 'faults' in written ? unreadable : written.search
  const own: OwnState = {
    key: (one) => presetKey(one, projects),
    link: ({ id }) => `${window.location.origin}/launch?preset=${id}`,
    kept: describeKept(form, hasOwnScript, project),
    hindrance: explainHindrance(written, isEmpty),
    onSaved: ({ id }) => void navigate({ to: '/launch', search: { preset: id }, replace: true }),
  }
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <ViewsMenu
        page="launch"
        {...(project === undefined ? {} : { project })}
        search={search}
        plainName="An empty form"
        open={(_, view) => onBegin(view)}
        own={own}
      />
      {preset ? <Changes preset={preset} form={form} projects={projects} /> : null}
      {preset === undefined && askedId !== undefined ? (
        <p className="text-warn">The preset of this address is not there any more, or not shared with you.</p>
      ) : null}
    </div>
  )
}

function Changes({ preset, form, projects }: Pick<BarProps, 'form' | 'projects'> & { preset: View }) {
  const before = readPreset(preset.search, projects)
  const changes = listPresetChanges(before, form)
  const isMissing = before.project !== null && before.draft.project === null
  return (
    <p role="status" className="min-w-0 text-muted wrap-anywhere">
      {changes.length === 0 ? `As the preset «${preset.name}» has it.` : `Changed: ${changes.join(', ')}.`}
      {isMissing ? <span className="text-warn"> Its project «{before.project}» is not there any more.</span> : null}
    </p>
  )
}

function describeKept({ draft }: LaunchForm, hasOwnScript: boolean, project: string | undefined): string {
  const variables = listVariables(draft.environment)
  const left = [
    ...(variables.length > 0 ? [`the values of ${variables.join(', ')}`] : []),
    ...(hasOwnScript ? ['the script that was written by hand'] : []),
  ]
  const of = project === undefined ? '' : `, for the project ${project}`
  const kept = `The form is kept as it stands${of}: target, resources, command and arguments.`
  return `${kept} Left out: ${left.length > 0 ? left.join(', ') : 'values of variables'}. The command is kept word by word: no place for passwords.`
}

function explainHindrance(written: ReturnType<typeof writePreset>, isEmpty: boolean): string | undefined {
  if ('faults' in written) {
    const [fault] = Object.values(written.faults)
    return `It can be kept as a preset once the form can be read: ${fault ?? ''}`
  }
  return isEmpty ? 'Fill the form in, and it can be kept as a preset.' : undefined
}
