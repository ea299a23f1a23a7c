import { lazy, Suspense } from 'react'
import { Link } from '@tanstack/react-router'
import type { LaunchTarget, Project } from '@pilothouse/contract'
import { Button } from '../ui/button.tsx'
import { CheckField, ChoiceField, TextField } from '../ui/fields.tsx'
import { AreaField, Fault, FieldSection, type FieldsProps } from './field-parts.tsx'
import type { CodeKind } from './launch-draft.ts'
import { noArguments, type ScriptChoice } from './script-draft.ts'
import type { ScriptCommands } from './script-form.tsx'

/** Fetched when somebody wants it. */
const ScriptForm = lazy(async () => ({ default: (await import('./script-form.tsx')).ScriptForm }))

type WhatProps = FieldsProps & {
  /** The arguments by a form; undefined: a command line is written. */
  choice: ScriptChoice | undefined
  onChoice: (choice: ScriptChoice | undefined) => void
  onCommands: (commands: ScriptCommands) => void
  projects: readonly Project[]
  project: Project | undefined
  target: LaunchTarget | undefined
}

/** Which code runs, how it is started, and what the job is called. */
export function WhatFields(props: WhatProps) {
  const { draft, onChange, tell, projects, project, target } = props
  return (
    <FieldSection title="What runs">
      <div className="grid gap-3 sm:grid-cols-2">
        <div className="flex flex-col gap-1">
          <ChoiceField
            label="Project"
            value={String(draft.project ?? '')}
            choices={[
              ['', 'none: no code is taken along'],
              ...projects.map(({ id, name }) => [String(id), name] as const),
            ]}
            onChange={(id) => {
              const chosen = projects.find((one) => String(one.id) === id)
              onChange({ project: chosen?.id ?? null, ...chooseCode(chosen) })
            }}
          />
          <Fault words={tell('project')} />
          {projects.length === 0 ? (
            <p className="text-12 text-faint">
              <Link to="/projects" search={{ add: 'code' }} className="text-accent hover:underline">
                Add a project
              </Link>{' '}
              to launch its code.
            </p>
          ) : null}
        </div>
        {project ? (
          <div className="flex flex-col gap-1">
            <ChoiceField
              label="Code"
              value={draft.code}
              choices={listCode(project, target)}
              onChange={(code) =>
                onChange({ code, ...(code === 'commit' ? { commit: project.code?.commit?.id ?? '' } : {}) })
              }
            />
            <Fault words={tell('code')} />
          </div>
        ) : null}
      </div>
      {project && draft.code === 'commit' ? (
        <TextField
          label="Commit"
          mono
          value={draft.commit}
          hint={describeCommit(project, draft.commit)}
          fault={tell('commit')}
          onChange={(commit) => onChange({ commit })}
        />
      ) : null}
      <CommandFields {...props} />
      <div className="grid gap-3 sm:grid-cols-2">
        {project ? (
          <TextField
            label="Folder in the project"
            mono
            value={draft.within}
            placeholder="its top"
            fault={tell('within')}
            onChange={(within) => onChange({ within })}
          />
        ) : null}
        <TextField
          label="Name of the job"
          value={draft.name}
          placeholder="as its script"
          fault={tell('name')}
          onChange={(name) => onChange({ name })}
        />
        <TextField
          label="Tags"
          value={draft.tags}
          placeholder="baseline, long"
          fault={tell('tags')}
          onChange={(tags) => onChange({ tags })}
        />
      </div>
      <CheckField
        label="Several processes, by torchrun: the command begins with python3"
        isOn={draft.torchrun}
        onChange={(torchrun) => onChange({ torchrun })}
      />
      <details open={draft.environment !== '' ? true : undefined}>
        <summary className="touchable cursor-pointer text-muted">Environment</summary>
        <div className="pt-2">
          <AreaField
            label="Variables"
            rows={3}
            value={draft.environment}
            placeholder={'HF_HOME=/data/hf\nWANDB_MODE=offline'}
            hint="They lie in the job's folder over there, readable by its user only; whoever sees this job here sees them, too"
            fault={tell('environment')}
            onChange={(environment) => onChange({ environment })}
          />
        </div>
      </details>
    </FieldSection>
  )
}

/** A command line, or the arguments of a script of the project as a form. */
function CommandFields({ draft, onChange, tell, project, choice, onChoice, onCommands }: WhatProps) {
  const isForm = choice !== undefined && project?.id !== undefined && project.id !== null
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {project ? (
        <div role="group" aria-label="What is run" className="flex gap-1">
          <Button aria-pressed={!isForm} look="quiet" onClick={() => onChoice(undefined)}>
            Command line
          </Button>
          <Button
            aria-pressed={isForm}
            look="quiet"
            onClick={() => onChoice({ script: '', interpreter: '', arguments: noArguments })}
          >
            Script and its arguments
          </Button>
        </div>
      ) : null}
      {isForm && project.id !== null ? (
        <>
          <Suspense fallback={<div className="waits h-32 rounded-md bg-hover" aria-busy="true" />}>
            <ScriptForm projectId={project.id} value={choice} onChange={onChoice} onCommands={onCommands} />
          </Suspense>
          <Fault words={tell('command')} />
        </>
      ) : (
        <AreaField
          label="Command"
          rows={2}
          value={draft.command}
          placeholder="python3 train.py --epochs 3 --lr 1e-4"
          hint="Quotes as in a shell. Nothing else of it is a shell's: «$HOME» and «|» are text"
          fault={tell('command')}
          onChange={(command) => onChange({ command: command.replaceAll('\n', ' ') })}
        />
      )}
    </div>
  )
}

/** What fits a project best. */
function chooseCode(project: Project | undefined): { code: CodeKind; commit: string } {
  const commit = project?.code?.commit?.id ?? ''
  return { code: project?.source?.kind === 'git' ? 'commit' : 'tree', commit }
}

function listCode({ source, code }: Project, target: LaunchTarget | undefined): (readonly [CodeKind, string])[] {
  const commit = ['commit', 'a commit'] as const
  if (source?.kind === 'git') return [commit]
  const changed = (code?.changed ?? 0) + (code?.untracked ?? 0)
  const words = changed === 0 ? 'the folder as it is now' : `the folder as it is now, ${changed} files changed`
  return [
    ['tree', words],
    ...(code?.commit ? [commit] : []),
    ...(target === undefined || target.kind === 'local' ? [['folder', 'the folder itself, in place'] as const] : []),
  ]
}

function describeCommit({ code }: Project, commit: string): string {
  const known = code?.commit
  return known && known.id === commit.trim() ? `${code.branch ?? 'here'}: ${known.subject}` : 'Its whole id'
}
