import { useEffect, useRef, useState } from 'react'
import type { Checkpoint } from '@pilothouse/contract'
import { useQuery } from '@tanstack/react-query'
import { useServices } from '../app/services.ts'
import { AreaField } from '../launches/field-parts.tsx'
import type { DraftField } from '../launches/launch-draft.ts'
import { useLaunch, useTargets } from '../launches/use-launches.ts'
import { WhereFields } from '../launches/where-fields.tsx'
import { useProjects } from '../projects/use-projects.ts'
import { Button } from '../ui/button.tsx'
import { ChoiceField, TextField } from '../ui/fields.tsx'
import { Sheet } from '../ui/sheet.tsx'
import {
  emptyServe,
  readServe,
  readServeFaults,
  showCommand,
  type ServedCheckpoint,
  type ServeDraft,
  type ServeFaults,
} from './serve-draft.ts'
import { useServingChanges } from './use-servings.ts'

type SheetProps = {
  /** Absent: what somebody writes. */
  served: ServedCheckpoint | undefined
  onClose: () => void
}

/** An engine to start: for a checkpoint, or for a model wherever its target has it. */
export function ServeSheet({ served, onClose }: SheetProps) {
  const checkpoint = useServedCheckpoint(served)
  const { draft, change, faults, rest, sent, error, isPending, start } = useServeDraft(served, checkpoint, onClose)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    const fault = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]')
    fault?.scrollIntoView({ block: 'nearest' })
    fault?.focus()
  }, [sent, error])
  return (
    <Sheet
      open
      onClose={onClose}
      title="Serve a model"
      footer={
        <div className="flex items-center justify-end gap-2">
          {rest === undefined ? null : (
            <p role="alert" className="mr-auto wrap-anywhere text-bad">
              {rest}
            </p>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={isPending} onClick={start}>
            {isPending ? 'Starting …' : 'Start engine'}
          </Button>
        </div>
      }
    >
      <form
        ref={form}
        noValidate
        className="flex flex-col gap-4 px-4 py-4 sm:px-6"
        onSubmit={(event) => {
          event.preventDefault()
          start()
        }}
      >
        <WhatFields
          draft={draft}
          faults={faults}
          change={change}
          checkpoint={checkpoint}
          isGiven={served !== undefined}
        />
        <HowFields draft={draft} faults={faults} change={change} />
        <Place draft={draft} faults={faults} change={change} />
        <button type="submit" className="hidden" aria-hidden tabIndex={-1} />
      </form>
    </Sheet>
  )
}

/** What is written, what is wrong with it, and how it is sent. What is not written yet is as the checkpoint has it. */
function useServeDraft(
  served: ServedCheckpoint | undefined,
  checkpoint: Checkpoint | undefined,
  onStarted: () => void,
) {
  const [written, setWritten] = useState<Partial<ServeDraft>>({})
  const [sent, setSent] = useState<Partial<ServeDraft>>()
  const from = useLaunch(served?.jobUid)
  const { mutate, reset, isPending, error } = useServingChanges().start
  const launch = { ...emptyServe.launch, target: from.data?.target.name ?? 'local' }
  const draft: ServeDraft = { ...emptyServe, name: checkpoint?.name ?? '', launch, ...written }
  const { body, faults } = readServe(draft, served)
  const { rest, ...fromServer } = readServeFaults(error)
  const start = (): void => {
    if (isPending) return
    setSent(written)
    reset()
    if (body) mutate(body, { onSuccess: onStarted })
  }
  return {
    draft,
    change: (part: Partial<ServeDraft>): void => setWritten((before) => ({ ...before, ...part })),
    faults: sent === written ? { ...fromServer, ...faults } : {},
    rest: sent === written ? rest : undefined,
    sent,
    error,
    isPending,
    start,
  }
}

function useServedCheckpoint(served: ServedCheckpoint | undefined): Checkpoint | undefined {
  const { client } = useServices()
  const uid = served?.jobUid ?? ''
  const found = useQuery({
    queryKey: ['checkpoints', uid, 'to serve'],
    queryFn: async ({ signal }) => client.call('checkpoints.list', { params: { uid }, signal }),
    enabled: served !== undefined,
  })
  return found.data?.checkpoints.find(({ id }) => id === served?.checkpointId)
}

type PartProps = { draft: ServeDraft; faults: ServeFaults; change: (part: Partial<ServeDraft>) => void }

function WhatFields({
  draft,
  faults,
  change,
  checkpoint,
  isGiven,
}: PartProps & { checkpoint: Checkpoint | undefined; isGiven: boolean }) {
  return (
    <>
      {isGiven ? (
        <p className="rounded-md bg-sunken px-3 py-2 wrap-anywhere">
          {checkpoint === undefined ? (
            'The checkpoint is on its way …'
          ) : (
            <>
              The checkpoint <span className="font-medium">{checkpoint.name}</span>,{' '}
              <span className="font-mono text-12">{checkpoint.uri}</span> on{' '}
              <span className="font-mono text-12">{checkpoint.host}</span>
            </>
          )}
        </p>
      ) : (
        <TextField
          label="Model"
          mono
          value={draft.path}
          placeholder="/models/small"
          hint="A path where it runs, or what the engine takes in place of that, as a name that vLLM fetches"
          fault={faults.path}
          onChange={(path) => change({ path })}
        />
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Name of the engine"
          value={draft.name}
          placeholder="small"
          fault={faults.name}
          onChange={(name) => change({ name })}
        />
        <TextField
          label="Name of the model"
          value={draft.modelName}
          placeholder={draft.name || 'as the engine'}
          hint="What requests call it"
          fault={faults.modelName}
          onChange={(modelName) => change({ modelName })}
        />
      </div>
    </>
  )
}

const kinds = [
  ['vllm', 'vLLM'],
  ['llama.cpp', 'llama.cpp'],
  ['custom', 'a command of my own'],
] as const

function HowFields({ draft, faults, change }: PartProps) {
  const { projects = [] } = useProjects().data ?? {}
  const choices = projects.map(({ id, name }) => [String(id), name] as const)
  const { launch } = draft
  return (
    <>
      <ChoiceField label="Engine" value={draft.kind} choices={kinds} onChange={(kind) => change({ kind })} />
      <AreaField
        label="Command"
        rows={3}
        value={draft.command}
        placeholder={showCommand(draft.kind) || 'python3 serve.py {model} --host {host} --port {port}'}
        hint="Empty: as it stands there. {model}, {name}, {host}, {port} and {key} are put in; PILOTHOUSE_ENGINE_KEY has its key"
        fault={faults.command}
        onChange={(command) => change({ command })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <ChoiceField
          label="Code"
          value={launch.project === null ? '' : String(launch.project)}
          choices={[['', 'none'], ...choices]}
          onChange={(id) => change({ launch: { ...launch, project: id === '' ? null : Number(id) } })}
        />
        <TextField
          label="Stopped when idle, minutes"
          value={draft.idle}
          placeholder="never"
          fault={faults.idle}
          onChange={(idle) => change({ idle })}
        />
      </div>
    </>
  )
}

function Place({ draft: { launch }, faults, change }: PartProps) {
  const targets = useTargets().data?.targets ?? []
  const tell = (field: DraftField): string | undefined => faults[field]
  return (
    <>
      <WhereFields
        draft={launch}
        onChange={(part) => change({ launch: { ...launch, ...part } })}
        tell={tell}
        targets={targets}
        target={targets.find(({ name }) => name === launch.target)}
        jobs={1}
        isEngine
      />
      <AreaField
        label="Variables"
        rows={2}
        value={launch.environment}
        placeholder="CUDA_VISIBLE_DEVICES=0"
        hint="NAME=value, a line each"
        fault={faults.environment}
        onChange={(environment) => change({ launch: { ...launch, environment } })}
      />
    </>
  )
}
