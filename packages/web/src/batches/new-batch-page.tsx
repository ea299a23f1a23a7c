import { useState } from 'react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { FileObject } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'
import { formatBytes } from '@pilothouse/signals'
import { useChannels } from '../alerts/use-channels.ts'
import { usePageName } from '../app/crumbs.tsx'
import { Button } from '../ui/button.tsx'
import { CheckField, ChoiceField, NumberField } from '../ui/fields.tsx'
import { type BatchDraft, checkPriority, emptyDraft, endpoints, windows } from './batch-draft.ts'
import { CheckPanel } from './check-panel.tsx'
import { ChosenFile, FileDrop } from './file-drop.tsx'
import { NoPermission } from './no-permission.tsx'
import { Panel } from './panel.tsx'
import { TemplateBar } from './template-bar.tsx'
import { useBatchRights, useModels } from './use-batches.ts'
import { useCheck, useCreate, useFile, useInputFiles, useUpload } from './use-new-batch.ts'
import { WatchSwitch } from './watch-switch.tsx'
import { watchBatch } from './watched-batches.ts'

const route = getRouteApi('/frame/batches/new')

/** From a file of requests to a batch, with what would come of it before anything is sent. */
export function NewBatchPage() {
  usePageName('New batch', 'New batch')
  return <div className="h-full overflow-y-auto">{useBatchRights().maySubmit ? <Form /> : <NoPermission />}</div>
}

function Form() {
  const [draft, setDraft] = useState(emptyDraft)
  const [isWatched, setWatched] = useState(false)
  const navigate = useNavigate()
  const { file: id } = route.useSearch()
  const file = useFile(id)
  const check = useCheck(file.data?.id, draft)
  const create = useCreate((batch) => {
    if (isWatched) watchBatch(batch.id, true)
    void navigate({ to: '/batches/$id', params: { id: batch.id } })
  })
  const hindrance = findHindrance(draft, file.data, check)
  return (
    <div className="mx-auto flex max-w-[1200px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className="text-20 font-semibold tracking-tight">New batch</h1>
        <TemplateBar draft={draft} onApply={setDraft} />
      </header>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <FilePanel file={file.data} fault={file.error?.message} />
          <SettingsPanel draft={draft} onChange={(part) => setDraft((before) => ({ ...before, ...part }))} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          {file.data ? (
            <CheckPanel checked={check.data} error={check.error} isOld={check.isPlaceholderData} />
          ) : (
            <Lesson />
          )}
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <WatchSwitch isOn={isWatched} onChange={setWatched} />
            <Button
              look="primary"
              className="ml-auto"
              disabled={hindrance !== undefined || create.isPending}
              onClick={() => (id === undefined ? undefined : create.mutate({ draft, file: id }))}
            >
              {create.isPending ? 'Starting …' : 'Start batch'}
            </Button>
          </div>
          {create.error ? (
            <p role="alert" className="wrap-anywhere text-bad">
              {create.error.message}
            </p>
          ) : hindrance === undefined ? null : (
            <p className="text-right text-12 text-muted">{hindrance}</p>
          )}
        </div>
      </div>
    </div>
  )
}

/** Why it cannot be started as it stands; undefined: it can. */
function findHindrance(
  draft: BatchDraft,
  file: FileObject | undefined,
  check: Pick<ReturnType<typeof useCheck>, 'data' | 'isPlaceholderData' | 'error'>,
): string | undefined {
  const priority = checkPriority(draft.priority)
  if (!file) return 'Choose a file first.'
  if (priority !== undefined) return `Priority: ${priority.toLowerCase()}.`
  if (!check.data || check.isPlaceholderData)
    return check.error ? 'The file could not be looked through.' : 'The file is being looked through.'
  if (check.data.faults) return 'Mend the faults of the file first.'
  return check.data.refusal === null ? undefined : 'It would be refused now.'
}

function FilePanel({ file, fault }: { file: FileObject | undefined; fault: string | undefined }) {
  const navigate = route.useNavigate()
  const choose = (id: string | undefined): void =>
    void navigate({ search: id === undefined ? {} : { file: id }, replace: true })
  const upload = useUpload(({ id }) => choose(id))
  const files = useInputFiles().data?.data ?? []
  return (
    <Panel title="Requests">
      <div className="flex flex-col gap-3 px-3 py-3 sm:px-4">
        {file ? (
          <ChosenFile file={file} onDrop={() => choose(undefined)} />
        ) : (
          <>
            <FileDrop
              onFile={upload.send}
              sending={
                upload.file ? { file: upload.file, sentBytes: upload.sentBytes, onStop: upload.stop } : undefined
              }
              fault={upload.error?.message ?? fault}
            />
            {files.length > 0 && !upload.file ? (
              <ChoiceField
                label="Or one that was uploaded before"
                value=""
                choices={[
                  ['', 'choose …'],
                  ...files.map((one) => [one.id, nameFile(one)] as const), // pairs, as the field takes them
                ]}
                onChange={(id) => choose(id === '' ? undefined : id)}
              />
            ) : null}
          </>
        )}
      </div>
    </Panel>
  )
}

function nameFile({ filename, bytes, created_at: seconds }: FileObject): string {
  return `${filename} · ${formatBytes(bytes)} · ${new Date(seconds * 1_000).toLocaleDateString('en-GB')}`
}

type SettingsProps = { draft: BatchDraft; onChange: (part: Partial<BatchDraft>) => void }

function SettingsPanel({ draft, onChange }: SettingsProps) {
  const models = useModels()
  const names = [...new Set([...(draft.model === '' ? [] : [draft.model]), ...(models.data ?? [])])]
  const fault = checkPriority(draft.priority)
  return (
    <Panel title="Settings">
      <div className="flex flex-col gap-3 px-3 py-3 sm:px-4">
        <ChoiceField
          label="Endpoint"
          value={draft.endpoint}
          choices={endpoints.map((one) => [one, one] as const)}
          onChange={(endpoint) => onChange({ endpoint })}
        />
        <ChoiceField
          label="Model"
          value={draft.model}
          choices={[['', 'as the file says'], ...names.map((name) => [name, name] as const)]}
          onChange={(model) => onChange({ model })}
        />
        {models.data?.length === 0 ? (
          <p className="text-12 text-warn">No healthy engine answers for any model now.</p>
        ) : null}
        <div className="flex gap-3">
          <ChoiceField
            label="It may take"
            value={draft.window}
            choices={windows}
            onChange={(window) => onChange({ window })}
          />
          <NumberField
            label={`Priority, ${limits.batchPriorityMin} to ${limits.batchPriorityMax}`}
            value={draft.priority}
            min={limits.batchPriorityMin}
            onChange={(priority) => onChange({ priority })}
          />
        </div>
        {fault === undefined ? null : (
          <p role="alert" className="text-12 text-bad">
            {fault}
          </p>
        )}
        <CheckField
          label="Results in the order of the requests"
          isOn={draft.ordered}
          onChange={(ordered) => onChange({ ordered })}
        />
        <ChannelField chosen={draft.notify} onChange={(notify) => onChange({ notify })} />
        <p className="text-12 text-muted">
          What has no answer by the end of the time comes back as expired. Batches with a higher priority come first.
        </p>
      </div>
    </Panel>
  )
}

type ChannelProps = { chosen: number | null; onChange: (channel: number | null) => void }

/** Where the end of the batch is told. One of a template that is gone stays shown until it is changed, since it is sent. */
function ChannelField({ chosen, onChange }: ChannelProps) {
  const channels = (useChannels().data?.channels ?? []).filter(({ enabled }) => enabled)
  if (channels.length === 0 && chosen === null) return null
  const isGone = chosen !== null && !channels.some(({ id }) => id === chosen)
  return (
    <ChoiceField
      label="Tell its end on"
      value={chosen === null ? '' : String(chosen)}
      choices={[
        ['', 'no channel'],
        ...(isGone ? [[String(chosen), 'a channel that is off, or gone'] as const] : []),
        ...channels.map(({ id, name }) => [String(id), name] as const),
      ]}
      onChange={(id) => onChange(id === '' ? null : Number(id))}
    />
  )
}

/** What a line looks like, while there is none. */
function Lesson() {
  return (
    <Panel title="What would come of it">
      <div className="flex flex-col gap-2 px-3 py-3 text-muted sm:px-4">
        <p>Once there is a file, each line is looked at here, with how long it takes and what it costs. A line is</p>
        <pre
          tabIndex={0}
          aria-label="A line of the file"
          className="overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-12 leading-5 text-text"
        >
          {
            '{"custom_id": "review-1", "method": "POST",\n "url": "/v1/chat/completions",\n "body": {"model": "…", "messages": […]}}'
          }
        </pre>
        <p>all on one line, with another «custom_id» each time.</p>
      </div>
    </Panel>
  )
}
