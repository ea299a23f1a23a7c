import { useState } from 'react'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { LaunchProblem, LaunchTarget, Project, View } from '@pilothouse/contract'
import { usePageName } from '../app/crumbs.tsx'
import { useSession } from '../app/services.ts'
import { useProjects } from '../projects/use-projects.ts'
import { buttonClass } from '../ui/button.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { useViews } from '../views/use-views.ts'
import { type DraftField, emptyDraft, findField, type LaunchDraft, readDraft, writeDraft } from './launch-draft.ts'
import { type LaunchForm, readPreset } from './launch-preset.ts'
import type { LaunchSearch } from './launch-search.ts'
import { PresetBar } from './preset-bar.tsx'
import type { ScriptChoice } from './script-draft.ts'
import type { ScriptCommands } from './script-form.tsx'
import { PlanPanel } from './plan-panel.tsx'
import { useCreateLaunch, useLaunch, useMayLaunch, usePlan, useTargets } from './use-launches.ts'
import { WhatFields } from './what-fields.tsx'
import { WhereFields } from './where-fields.tsx'

const route = getRouteApi('/frame/launch')

/** What to run and where, beside what would come of it. */
export function LaunchPage() {
  const { from, preset: presetId } = route.useSearch()
  const navigate = useNavigate()
  /** A form that is begun anew is another one; the first is as the address has it. */
  const [begun, setBegun] = useState<{ round: number; preset: View | undefined }>()
  const mayLaunch = useMayLaunch()
  const { role } = useSession()
  const projects = useProjects()
  const targets = useTargets()
  const earlier = useLaunch(from)
  const presets = useViews('launch')
  usePageName(undefined, 'Launch')
  const failed = [projects, targets, earlier, presets].find(({ error, data }) => error !== null && data === undefined)
  const isReady = projects.data && targets.data && presets.data && (from === undefined || earlier.data !== undefined)
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-[1200px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
        <h1 className="text-20 font-semibold tracking-tight">Launch a job</h1>
        {!mayLaunch ? (
          <Notice title="Launching is for admins">
            <p>
              You are signed in as {role}. A launched job runs as the user that the control room runs as, on its machine
              and wherever the ssh keys of that user lead.
            </p>
          </Notice>
        ) : isReady ? (
          <Form
            key={`${from ?? ''} ${begun?.round ?? 0}`}
            projects={projects.data.projects.filter(({ source }) => source !== null)}
            targets={targets.data.targets}
            earlier={earlier.data ? writeDraft(earlier.data.spec) : undefined}
            preset={presets.data.find(({ id }) => id === presetId)}
            origin={begun ? begun.preset : presets.data.find(({ id }) => id === presetId)}
            onBegin={(preset) => {
              setBegun({ round: (begun?.round ?? 0) + 1, preset })
              void navigate({ to: '/launch', search: preset ? { preset: preset.id } : {}, replace: true })
            }}
          />
        ) : failed?.error ? (
          <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} />
        ) : (
          <Skeleton />
        )}
      </div>
    </div>
  )
}

type FormProps = {
  projects: readonly Project[]
  targets: readonly LaunchTarget[]
  /** Of a job that is launched again. */
  earlier: LaunchDraft | undefined
  /** Of the address. */
  preset: View | undefined
  /** What it begins with. */
  origin: View | undefined
  /** Puts another form in place of this one: that of a preset, or an empty one. */
  onBegin: (preset: View | undefined) => void
}

function Form({ projects, targets, earlier, preset, origin, onBegin }: FormProps) {
  const search = route.useSearch()
  const navigate = useNavigate()
  const [first] = useState((): LaunchForm => {
    if (origin && earlier === undefined) return readPreset(origin.search, projects)
    return { draft: earlier ?? begin(projects, search), choice: undefined }
  })
  const [draft, setDraft] = useState<LaunchDraft>(first.draft)
  const [script, setScript] = useState<string>()
  /** Faults of what nobody has touched yet are told when somebody launches. */
  const [touched, setTouched] = useState<ReadonlySet<DraftField>>(new Set())
  const [key] = useState(() => crypto.randomUUID())
  const [choice, setChoice] = useState<ScriptChoice | undefined>(first.choice)
  const [made, setMade] = useState<ScriptCommands>()
  const project = projects.find(({ id }) => id === draft.project)
  const commands = choice && made && project ? { ...made, start: wholeStart(made.start, draft, project) } : undefined
  const { spec, array, faults } = readDraft(draft, commands)
  const target = targets.find(({ name }) => name === draft.target)
  const isSwept = target?.kind === 'slurm' && commands !== undefined && commands.jobs.length > 1
  const plan = usePlan(spec)
  const create = useCreateLaunch()
  const problems = spec && plan.data ? plan.data.problems : []
  const change = (part: Partial<LaunchDraft>): void => {
    setDraft((before) => ({ ...before, ...part }))
    setTouched((before) => new Set([...before, ...(Object.keys(part) as DraftField[])])) // keys of the draft
    create.reset()
  }
  const tell = (field: DraftField): string | undefined =>
    (touched.has(field) || create.submittedAt > 0 ? faults[field] : undefined) ?? errorOf(problems, field)
  const send = (): void => {
    setTouched(new Set(Object.keys(emptyDraft) as DraftField[])) // as above
    if (spec === undefined || create.isPending) return
    const body = {
      spec: commands ? { ...spec, command: [...commands.start] } : spec,
      key,
      ...(script === undefined ? {} : { script }),
      ...(commands ? { variants: commands.jobs.map((words) => [...words]) } : {}),
      ...(array && isSwept ? { array } : {}),
    }
    create.mutate(body, {
      onSuccess: ({ jobs: [first], group }) => {
        if (group !== null) void navigate({ to: '/', search: { q: `group:${JSON.stringify(group)}` } })
        else if (first) void navigate({ to: '/job/$uid', params: { uid: first.uid } })
      },
    })
  }
  return (
    <form
      className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_380px]"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <div className="flex min-w-0 flex-col gap-4">
        <PresetBar
          form={{ draft, choice }}
          first={first}
          commands={made}
          hasOwnScript={script !== undefined}
          projects={projects}
          preset={preset}
          onBegin={onBegin}
        />
        {earlier ? <Again /> : null}
        <WhatFields
          draft={draft}
          onChange={change}
          tell={tell}
          projects={projects}
          project={project}
          target={target}
          choice={choice}
          onChoice={setChoice}
          onCommands={setMade}
        />
        <WhereFields
          draft={draft}
          onChange={change}
          tell={tell}
          targets={targets}
          target={target}
          jobs={isSwept ? commands.jobs.length : 1}
        />
      </div>
      <PlanPanel
        plan={spec ? plan.data : undefined}
        isStale={plan.isPlaceholderData || plan.isFetching}
        error={plan.error ?? create.error}
        spec={spec}
        count={commands?.jobs.length ?? 1}
        refused={commands?.refused ?? 0}
        array={isSwept ? array : undefined}
        kind={target?.kind}
        script={script}
        onScript={setScript}
        isSending={create.isPending}
        problems={problems.filter(({ level, field }) => level === 'warning' || findField(field) === undefined)}
      />
    </form>
  )
}

/** An interpreter of the project is not taken along: on this machine it is found where it lies. */
function wholeStart(start: readonly string[], { code, target }: LaunchDraft, { source }: Project): string[] {
  const [interpreter = 'python3', ...rest] = start
  const isInside = interpreter.includes('/') && !interpreter.startsWith('/')
  if (!isInside || code === 'folder' || target !== 'local' || source?.kind !== 'folder') return [...start]
  return [`${source.place}/${interpreter}`, ...rest]
}

/** The project of the address, else the only one; its folder as it is now, on this machine. */
function begin(projects: readonly Project[], { of: name, on: target }: LaunchSearch): LaunchDraft {
  const found = name === undefined && projects.length === 1 ? projects[0] : projects.find((one) => one.name === name)
  const isMirror = found?.source?.kind === 'git'
  return {
    ...emptyDraft,
    project: found?.id ?? null,
    ...(isMirror ? { code: 'commit' as const, commit: found?.code?.commit?.id ?? '' } : {}),
    ...(target === undefined ? {} : { target }),
  }
}

function errorOf(problems: readonly LaunchProblem[], field: DraftField): string | undefined {
  const found = problems.find((one) => one.level === 'error' && findField(one.field) === field)
  return found && `${found.message}${found.hint === null ? '' : ` ${found.hint}`}`
}

function Again() {
  const { from = '' } = route.useSearch()
  return (
    <p className="flex flex-wrap items-center justify-between gap-2 rounded-md bg-accent-soft px-3 py-2">
      <span>
        The same again as{' '}
        <Link to="/job/$uid" params={{ uid: from }} className="font-mono text-12 text-accent hover:underline">
          {from}
        </Link>
        , with the changes that you make.
      </span>
      <Link to="/launch" className={buttonClass('quiet')}>
        Begin with nothing
      </Link>
    </p>
  )
}

function Skeleton() {
  return (
    <div
      className="waits grid gap-4 lg:grid-cols-[minmax(0,1fr)_380px]"
      aria-busy="true"
      aria-label="The form is on its way"
    >
      <div className="h-96 rounded-lg border border-line bg-surface" />
      <div className="h-64 rounded-lg border border-line bg-surface" />
    </div>
  )
}
