import { lazy, Suspense, useRef, useState } from 'react'
import { getRouteApi } from '@tanstack/react-router'
import type { Command, Job, JobSchedule, ParameterList } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { useServerNow } from '../app/services.ts'
import { useSteeringRights, type Steering } from '../commands/use-steering.ts'
import { PresetsMenu } from '../presets/presets-menu.tsx'
import { ProposalSection } from '../proposals/proposal-section.tsx'
import { RowProposal } from '../proposals/row-proposal.tsx'
import { useProposals, useProposes } from '../proposals/use-proposals.ts'
import { RowSchedule } from '../schedules/row-schedule.tsx'
import { ScheduleSection } from '../schedules/schedule-section.tsx'
import { useSchedules } from '../schedules/use-schedules.ts'
import { useChangeSearch } from '../job/use-chart-view.ts'
import { Button } from '../ui/button.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { ChangeHistory } from './change-history.tsx'
import { ParameterRow } from './parameter-row.tsx'
import { useDrafts, type Drafts } from './use-drafts.ts'
import { useNewestChanges, useParameters } from './use-parameters.ts'

const ImpactSheet = lazy(async () => ({ default: (await import('../impact/impact-sheet.tsx')).ImpactSheet }))
const SendDialog = lazy(async () => ({ default: (await import('./send-dialog.tsx')).SendDialog }))

const route = getRouteApi('/frame/job/$uid')

type TabProps = { job: Job; steering: Steering; onTold: () => void }

/** What of a running job can be changed, and how it changed. */
export function ParametersTab({ job, steering, onTold }: TabProps) {
  const found = useParameters(job.uid)
  if (!found.data)
    return found.error ? <ErrorNotice error={found.error} onRetry={() => void found.refetch()} /> : <TabSkeleton />
  if (found.data.parameters.length === 0) return <NoParameters job={job} />
  return <Parameters job={job} steering={steering} onTold={onTold} list={found.data} />
}

function Parameters({ job, steering, onTold, list }: TabProps & { list: ParameterList }) {
  const { parameters, refusal } = list
  const { parameter: filter, impact } = route.useSearch()
  const change = useChangeSearch()
  const now = useServerNow(1_000)
  const rights = useSteeringRights(job)
  const changes = useNewestChanges(job.uid) ?? []
  const found = useSchedules(job.uid)
  const schedules = found.data?.schedules ?? []
  const moving = new Set(schedules.filter(({ state }) => state.phase === 'active').map(({ schedule }) => schedule.key))
  const [adding, setAdding] = useState<string>()
  const drafts = useDrafts(job.uid, parameters, { changes, moving })
  const [isSending, setSending] = useState(false)
  const history = useRef<HTMLDivElement>(null)
  const last = findLast(steering)
  const isOpen = refusal === null && rights.set
  const proposes = useProposes(list)
  const proposals = useProposals(job.uid).data?.proposals ?? []
  const words = explain({ refusal, maySet: rights.set, needsApproval: list.needsApproval, proposes, job })
  const canSchedule = rights.schedule && found.data?.refusal === null
  return (
    <div className="flex flex-col gap-3 px-4 py-3 sm:px-6 sm:py-4">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-1">
        <p className="min-w-0 flex-1 basis-64 text-muted">{words}</p>
        <span className="flex flex-wrap gap-2">
          <PresetsMenu
            job={job}
            parameters={parameters}
            schedules={schedules}
            refusal={isOpen ? undefined : words}
            proposes={proposes}
          />
          <Button onClick={onTold}>What it was told</Button>
        </span>
      </div>
      <ProposalSection
        job={job}
        open={proposals.filter(({ state }) => state === 'open')}
        parameters={parameters}
        schedules={schedules}
        changes={changes}
        now={now}
      />
      <ul aria-label="Parameters" className="rounded-lg border border-line bg-surface">
        {parameters.map((parameter) => (
          <ParameterRow
            key={parameter.key}
            parameter={parameter}
            last={last.get(parameter.key)}
            now={now}
            drafts={isOpen ? drafts : undefined}
            onHistory={(key) => {
              change({ parameter: key })
              history.current?.scrollIntoView({ block: 'nearest' })
            }}
            onSubmit={() => setSending(drafts.rows.some(({ value }) => value !== undefined))}
            isMoved={moving.has(parameter.key)}
            beside={
              <>
                <RowProposal parameter={parameter} proposals={proposals} now={now} />
                <RowSchedule parameter={parameter} schedules={schedules} onAdd={canSchedule ? setAdding : undefined} />
              </>
            }
          />
        ))}
      </ul>
      {isOpen ? (
        <DraftBar
          job={job}
          drafts={drafts}
          schedules={schedules}
          proposes={proposes}
          isSending={isSending}
          setSending={setSending}
        />
      ) : null}
      {found.data ? (
        <ScheduleSection
          job={job}
          list={found.data}
          parameters={parameters}
          steering={steering}
          now={now}
          mayChange={rights.schedule}
          proposes={proposes}
          adding={adding}
          onAdd={setAdding}
        />
      ) : null}
      <div ref={history}>
        <ChangeHistory
          job={job}
          keys={parameters.map(({ key }) => key)}
          filter={filter}
          now={now}
          onFilter={(key) => change({ parameter: key })}
          onImpact={({ id }) => change({ impact: String(id) })}
        />
      </div>
      {impact === undefined ? null : (
        <Suspense fallback={null}>
          <ImpactSheet
            job={job}
            id={Number(impact)}
            change={changes.find(({ id }) => id === Number(impact))}
            onClose={() => change({ impact: undefined })}
          />
        </Suspense>
      )}
    </div>
  )
}

type Explained = { refusal: string | null; maySet: boolean; needsApproval: boolean; proposes: boolean; job: Job }

function explain({ refusal, maySet, needsApproval, proposes, job: { project } }: Explained): string {
  if (refusal !== null) return `Nothing can be changed. ${refusal}`
  if (maySet && proposes)
    return `In the project ${project} an admin approves changes: what you send waits for that, and until the job has carried it out a value is what it was.`
  if (maySet && needsApproval)
    return `In the project ${project} what members send waits for an admin. What you send takes effect at the job’s next control point.`
  if (maySet) return 'What is sent takes effect at the job’s next control point. Until then a value is what it was.'
  return 'You may see the values. To change them takes the right to manage this job: its owner and admins have it.'
}

/** The newest command of each key. */
function findLast({ page }: Steering): Map<string, Command> {
  const last = new Map<string, Command>()
  for (const command of page?.commands ?? [])
    if (command.kind === 'set' && !last.has(command.body.key)) last.set(command.body.key, command)
  return last
}

type BarProps = {
  job: Job
  drafts: Drafts
  schedules: readonly JobSchedule[]
  proposes: boolean
  isSending: boolean
  setSending: (isSending: boolean) => void
}

/** What is entered and not sent; it stays in sight. */
function DraftBar({ job, drafts, schedules, proposes, isSending, setSending }: BarProps) {
  const { rows } = drafts
  const faults = rows.filter(({ value }) => value === undefined).length
  if (rows.length === 0) return null
  return (
    <div
      role="region"
      aria-label="Changes that are not sent"
      className="arrives sticky bottom-3 z-20 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-line bg-surface py-2 pr-2 pl-4 shadow-float"
    >
      <span className="mr-auto max-sm:basis-full">
        <span className="font-medium">{rows.length === 1 ? '1 change' : `${rows.length} changes`}</span>
        {faults > 0 ? <span className="text-bad">, {faults} of them not possible</span> : null}
      </span>
      <Button look="quiet" onClick={drafts.dropAll}>
        Discard
      </Button>
      <Button look="primary" disabled={rows.length === faults} onClick={() => setSending(true)}>
        {proposes ? 'Review and propose' : 'Review and send'}
      </Button>
      {isSending ? (
        <Suspense fallback={null}>
          <SendDialog
            job={job}
            drafts={drafts}
            schedules={schedules}
            proposes={proposes}
            onClose={() => setSending(false)}
          />
        </Suspense>
      ) : null}
    </div>
  )
}

const snippet = `lr = job.parameter("lr", 3e-4, min=1e-6, max=1e-1, log=True,
                   apply=lambda value: set_lr(optimizer, value))

for step in job.steps(range(total_steps)):
    ...`

function NoParameters({ job }: { job: Job }) {
  return (
    <div className="mx-auto flex w-full max-w-2xl flex-col gap-3 px-4 py-8">
      <h2 className="text-16 font-semibold">
        {isEnded(job.state) ? 'This job had no parameters' : 'This job has no parameters'}
      </h2>
      <p className="text-muted">
        A parameter is a value that can be changed while the job runs: a learning rate, the weight of a loss, how often
        it evaluates. The script says which it has, and what they may be:
      </p>
      <Copyable text={snippet} label="Python that makes a parameter" />
      <p className="text-muted">
        Changes take effect between two steps. Who changed what, when and at which step is kept here, and marked on
        every chart.
      </p>
    </div>
  )
}

function TabSkeleton() {
  return (
    <div className="waits flex flex-col gap-3 px-4 py-3 sm:px-6 sm:py-4" aria-busy="true">
      <div className="h-20 rounded-lg bg-hover" />
      <div className="h-20 rounded-lg bg-hover" />
      <div className="h-20 rounded-lg bg-hover" />
    </div>
  )
}
