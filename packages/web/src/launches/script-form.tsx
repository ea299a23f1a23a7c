import { useEffect, useMemo, useState, type ReactNode } from 'react'
import type { ScriptChoices, ScriptDescription } from '@pilothouse/contract'
import { joinWords, limits, listScriptJobs, splitWords, takeAsked } from '@pilothouse/contract/wire'
import { Button } from '../ui/button.tsx'
import { DisclosureBar } from '../ui/disclosure-bar.tsx'
import { TextField } from '../ui/fields.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { Arguments, Faults } from './script-arguments.tsx'
import type { PartProps, ScriptChoice } from './script-draft.ts'
import { Pickers } from './script-pickers.tsx'
import { ScriptPreview } from './script-preview.tsx'
import { useDescription, useScriptChoices } from './use-script.ts'

type FormProps = {
  projectId: number
  value: ScriptChoice
  onChange: (next: ScriptChoice) => void
  /** Told what would run, whenever that is another. */
  onCommands?: (commands: ScriptCommands) => void
}

/** What a choice comes to: the words before the arguments, and those of each job. */
export type ScriptCommands = {
  start: string[]
  jobs: string[][]
  total: number
  /** Jobs that the script would not take, of those that it was asked about. */
  refused: number
}

/** Words are looked at when nobody has typed for so long. */
const settleMs = 400
/** Which script, by which interpreter, and its arguments as a form: those that its own parser, or Hydra, tells of. */
export function ScriptForm({ projectId, ...rest }: FormProps) {
  const choices = useScriptChoices(projectId)
  if (choices.data) return <Form projectId={projectId} choices={choices.data} {...rest} />
  if (choices.error) return <ErrorNotice error={choices.error} onRetry={() => void choices.refetch()} />
  return (
    <div className="waits flex flex-col gap-3" aria-busy="true" aria-label="Scripts are on their way">
      <div className="h-14 rounded-lg border border-line bg-surface" />
      <div className="h-32 rounded-lg border border-line bg-surface" />
    </div>
  )
}

function Form({ projectId, choices, value, onChange, onCommands }: FormProps & { choices: ScriptChoices }) {
  const choice = chooseFirst(value, choices)
  const { script, interpreter } = choice
  /** The script and interpreter that somebody has agreed to run. */
  const [agreed, setAgreed] = useState('')
  const name = JSON.stringify([script, interpreter])
  const isAgreed = agreed === name && choices.here.refusal === null
  /** Words of jobs that the script is asked about, as JSON. */
  const [asked, setAsked] = useState('[[]]')
  const [words = [], ...more] = JSON.parse(asked) as string[][] // as it was written below
  const question = { projectId, script, interpreter, words, more }
  const description = useDescription(question, isAgreed)
  const told = isAgreed ? description.data : undefined
  const shape = told ?? nothingTold
  const jobs = useMemo(
    () => listScriptJobs(shape, choice.arguments, limits.launchVariantsMax),
    [shape, choice.arguments],
  )
  // Where there is no job, something is wrong that is told already.
  const next = jobs.jobs[0] ? JSON.stringify(takeAsked(jobs.jobs.map((job) => job.words))) : asked
  useEffect(() => {
    const timer = setTimeout(() => setAsked(next), settleMs)
    return () => clearTimeout(timer)
  }, [next])
  const isLooking = description.isFetching || next !== asked
  const faults = [...jobs.faults, ...(told?.errors ?? [])]
  const refused = told && !isLooking ? Math.min(told.errors.length, 1) + told.others.errors.length : 0
  useEffect(() => {
    onCommands?.({ start: [interpreter, script], jobs: jobs.jobs.map((job) => job.words), total: jobs.total, refused })
  }, [onCommands, jobs, interpreter, script, refused])
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Pickers choices={choices} choice={choice} onChange={onChange} />
      {isAgreed ? null : <Consent choices={choices} choice={choice} onAgree={() => setAgreed(name)} />}
      {isAgreed && description.error ? (
        <ErrorNotice error={description.error} onRetry={() => void description.refetch()} />
      ) : null}
      {isAgreed && description.isLoading ? (
        <p role="status" className="text-muted">
          {script} begins, to tell its arguments …
        </p>
      ) : null}
      {told ? (
        <Arguments
          told={told}
          choice={choice}
          faults={faults}
          jobsTotal={jobs.total}
          isLooking={isLooking}
          onChange={onChange}
        />
      ) : (
        <Faults faults={jobs.faults} />
      )}
      <FreeArguments choice={choice} isHydra={shape.kind === 'hydra'} onChange={onChange} />
      <ScriptPreview choice={choice} jobs={jobs} others={isLooking ? undefined : told?.others} />
      {told?.config ? <Composed config={told.config} /> : null}
    </div>
  )
}

const nothingTold: Pick<ScriptDescription, 'kind' | 'fields' | 'groups'> = { kind: 'none', fields: [], groups: [] }

/** Before anybody has chosen: the first of each. */
function chooseFirst(value: ScriptChoice, { scripts, interpreters }: ScriptChoices): ScriptChoice {
  const script = value.script === '' ? (scripts[0]?.path ?? '') : value.script
  const interpreter = value.interpreter === '' ? (interpreters[0]?.path ?? 'python3') : value.interpreter
  return { ...value, script, interpreter }
}

/** What is run for it, and as whom; nothing is before somebody agrees. */
function Consent({
  choices: { here },
  choice,
  onAgree,
}: {
  choices: ScriptChoices
  choice: ScriptChoice
  onAgree: () => void
}) {
  if (choice.script === '') {
    return <p className="text-muted">There is no Python script in this project. Write the path of another one.</p>
  }
  if (here.refusal !== null) {
    return (
      <Panel>
        <p>
          <span className="font-medium">Arguments are not read here.</span> {here.refusal} Write them as free arguments
          below.
        </p>
      </Panel>
    )
  }
  return (
    <Panel>
      <p className="wrap-anywhere">
        Reading the arguments runs the beginning of <span className="font-mono text-12">{choice.script}</span> on this
        machine as <span className="font-medium">{here.user}</span>, up to where it reads its command line. Nothing of
        the training runs, and no secret of the control room is passed on. Arguments can be written as free ones without
        it.
      </p>
      <div>
        <Button look="primary" onClick={onAgree}>
          Read the arguments
        </Button>
      </div>
    </Panel>
  )
}

function Panel({ children }: { children: ReactNode }) {
  return <div className="flex flex-col gap-3 rounded-lg border border-line bg-surface px-4 py-3">{children}</div>
}

function FreeArguments({ choice, isHydra, onChange }: PartProps & { isHydra: boolean }) {
  const given = joinWords(choice.arguments.free)
  const [draft, setDraft] = useState({ text: given, given })
  // Somebody else has set them.
  const text = draft.given === given ? draft.text : given
  const read = splitWords(text)
  const change = (next: string): void => {
    const found = splitWords(next)
    const free = 'words' in found ? found.words : choice.arguments.free
    setDraft({ text: next, given: joinWords(free) })
    onChange({ ...choice, arguments: { ...choice.arguments, free } })
  }
  return (
    <TextField
      label="Free arguments"
      mono
      value={text}
      placeholder={isHydra ? '+trainer.fast=true ~callbacks' : '--name value'}
      hint="Words with spaces between them, quoted as in a shell; they stand at the end"
      fault={'message' in read ? read.message : undefined}
      onChange={change}
    />
  )
}

function Composed({ config }: { config: string }) {
  return (
    <details className="group overflow-hidden rounded-lg border border-line bg-surface">
      <DisclosureBar>
        <span className="font-medium">Composed configuration</span>
      </DisclosureBar>
      <pre
        tabIndex={0}
        aria-label="Composed configuration"
        className="max-h-96 overflow-auto border-t border-line px-4 py-3 font-mono text-12 leading-5 -outline-offset-2"
      >
        {config}
      </pre>
    </details>
  )
}
