import { lazy, Suspense, useState } from 'react'
import type { Job } from '@pilothouse/contract'
import { formatDuration } from '@pilothouse/signals'
import { formatExactTime } from '../app/format-clock-time.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copyable.tsx'
import { StateSign } from '../ui/state-sign.tsx'
import { flattenConfig } from './flatten-config.ts'
import { useEditJob, useMayEdit } from './use-edit-job.ts'

/** Fetched for jobs that have a target. */
const LaunchPanel = lazy(async () => ({ default: (await import('../launches/launch-panel.tsx')).LaunchPanel }))

/** How the job was started, with what, and what people wrote about it. */
export function ConfigurationTab({ job }: { job: Job }) {
  return (
    <div className="grid items-start gap-3 px-4 py-3 sm:px-6 sm:py-4 xl:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-3">
        <ConfigurationPreview job={job} />
        <Attempts job={job} />
      </div>
      <div className="flex min-w-0 flex-col gap-3">
        <Notes key={job.uid} job={job} />
        {job.target === null ? null : (
          <Suspense fallback={null}>
            <LaunchPanel job={job} />
          </Suspense>
        )}
        <Recipe job={job} />
      </div>
    </div>
  )
}

export function ConfigurationPreview({ job }: { job: Job }) {
  const entries = flattenConfig(job.config)
  return (
    <Panel title="Configuration" copy={entries.length > 0 ? JSON.stringify(job.config, null, 2) : undefined}>
      {entries.length === 0 ? (
        <p className="text-muted">
          None was given. <code className="font-mono text-12">pilothouse.init(config={'{…}'})</code> shows it here.
        </p>
      ) : (
        <Pairs entries={entries} />
      )}
    </Panel>
  )
}

function Recipe({ job }: { job: Job }) {
  const { recipe } = job
  const git = recipe?.git
  const entries: [string, string][] = [
    ['uid', job.uid],
    ['kind', job.kind],
    ['created', formatExactTime(job.createdAt)],
    ...optional('command', recipe?.command?.join(' ')),
    ...optional('directory', recipe?.workingDirectory),
    ...optional('python', recipe?.python),
    ...optional('commit', git ? `${git.commit}${git.dirty ? ' (with changes)' : ''}` : undefined),
    ...optional('branch', git?.branch ?? undefined),
    ...optional('remote', git?.remote ?? undefined),
  ]
  const environment = Object.entries(recipe?.environment ?? {})
  const packages = Object.entries(recipe?.packages ?? {})
  return (
    <Panel title="How it was started">
      <Pairs entries={entries} />
      <Folded title={`Environment, ${environment.length}`} entries={environment} />
      <Folded title={`Packages, ${packages.length}`} entries={packages} />
    </Panel>
  )
}

function Folded({ title, entries }: { title: string; entries: [string, string][] }) {
  if (entries.length === 0) return null
  return (
    <details className="mt-2 border-t border-line pt-2">
      <summary className="rounded-sm text-muted hover:text-text">{title}</summary>
      <div className="pt-1">
        <Pairs entries={entries} />
      </div>
    </details>
  )
}

function Attempts({ job }: { job: Job }) {
  if (job.attempts.length < 2) return null
  return (
    <Panel title="Attempts">
      <ul className="flex flex-col gap-2">
        {job.attempts.toReversed().map((attempt) => (
          <li key={attempt.number} className="flex gap-3">
            <span className="w-5 shrink-0 text-faint tabular-nums">{attempt.number}</span>
            <div className="min-w-0">
              <p className="flex flex-wrap gap-x-3">
                <StateSign state={attempt.state} />
                {attempt.exitCode ? <span className="text-muted">exit code {attempt.exitCode}</span> : null}
                {attempt.host === null ? null : <span className="text-muted">{attempt.host}</span>}
                <span className="text-faint">{describeTime(attempt)}</span>
              </p>
              {attempt.reason === null ? null : <p className="wrap-anywhere text-muted">{attempt.reason}</p>}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function describeTime({ startedAt, endedAt }: Job['attempts'][number]): string {
  if (startedAt === null) return 'not started'
  const took = endedAt === null ? '' : `, took ${formatDuration(endedAt - startedAt)}`
  return `${formatExactTime(startedAt)}${took}`
}

function Notes({ job }: { job: Job }) {
  const [draft, setDraft] = useState<string>()
  const mayEdit = useMayEdit(job)
  const edit = useEditJob(job)
  const save = (): void => {
    const notes = draft?.trim() ?? ''
    edit.mutate({ notes: notes === '' ? null : notes }, { onSuccess: () => setDraft(undefined) })
  }
  return (
    <Panel title="Notes">
      {draft === undefined ? (
        <div className="flex items-start gap-3">
          <p className={`min-w-0 flex-1 wrap-anywhere whitespace-pre-wrap ${job.notes ? '' : 'text-muted'}`}>
            {job.notes ?? 'Nothing noted.'}
          </p>
          {mayEdit ? (
            <Button look="quiet" onClick={() => setDraft(job.notes ?? '')}>
              {job.notes ? 'Edit' : 'Write a note'}
            </Button>
          ) : null}
        </div>
      ) : (
        <div className="flex flex-col gap-2">
          <textarea
            autoFocus
            aria-label="Notes"
            value={draft}
            rows={5}
            maxLength={65_536}
            onChange={(event) => setDraft(event.target.value)}
            className="w-full rounded-md border border-line-strong bg-surface px-2.5 py-2 pointer-coarse:text-16"
          />
          <div className="flex gap-2">
            <Button look="primary" disabled={edit.isPending} onClick={save}>
              Save note
            </Button>
            <Button onClick={() => setDraft(undefined)}>Discard</Button>
          </div>
          {edit.error ? (
            <p role="alert" className="text-bad">
              {edit.error.message}
            </p>
          ) : null}
        </div>
      )}
    </Panel>
  )
}

function Panel({ title, copy, children }: { title: string; copy?: string | undefined; children: React.ReactNode }) {
  return (
    <section aria-label={title} className="rounded-lg border border-line bg-surface">
      <div className="flex h-10 items-center justify-between pr-1.5 pl-4">
        <h2 className="font-medium">{title}</h2>
        {copy === undefined ? null : <CopyButton text={copy} label={`Copy ${title.toLowerCase()} as JSON`} />}
      </div>
      <div className="border-t border-line px-4 py-3">{children}</div>
    </section>
  )
}

function Pairs({ entries }: { entries: readonly (readonly [string, string])[] }) {
  return (
    <dl className="grid grid-cols-[minmax(0,auto)_minmax(0,1fr)] gap-x-6 gap-y-1">
      {entries.map(([key, value]) => (
        <div key={key} className="contents">
          <dt className="max-w-56 truncate text-muted" title={key}>
            {key}
          </dt>
          <dd className="font-mono text-12 leading-5 wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function optional(name: string, value: string | undefined): [string, string][] {
  return value === undefined || value === '' ? [] : [[name, value]]
}
