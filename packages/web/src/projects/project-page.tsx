import { useState } from 'react'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { Project } from '@pilothouse/contract'
import { Plus, RefreshCw, Rocket, Trash2 } from 'lucide-react'
import { usePageName } from '../app/crumbs.tsx'
import { useServerNow } from '../app/services.ts'
import { useMayLaunch } from '../launches/use-launches.ts'
import { JobsList } from '../jobs/jobs-list.tsx'
import { useJobs } from '../jobs/jobs-feed.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { UsageSection } from '../usage/usage-section.tsx'
import { CodePanel } from './code-panel.tsx'
import { SyncBar } from './code-signs.tsx'
import { useProject, useProjectChanges, useProjectRights } from './use-projects.ts'

const route = getRouteApi('/frame/projects')

/** The code of a project as it stands, its history, and its jobs. */
export function ProjectPage({ name }: { name: string }) {
  const project = useProject(name)
  usePageName(name, name)
  if (project.data) return <ProjectView project={project.data} />
  if (project.data === null) {
    return (
      <Notice
        title={`There is no project «${name}»`}
        actions={
          <Link to="/projects" className={buttonClass()}>
            All projects
          </Link>
        }
      >
        <p>No code was added under this name, and no job has it. It may have been deleted together with its jobs.</p>
      </Notice>
    )
  }
  if (project.error) return <ErrorNotice error={project.error} onRetry={() => void project.refetch()} />
  return <Skeleton />
}

function ProjectView({ project }: { project: Project }) {
  const now = useServerNow(10_000)
  const { code, fault, sync } = project
  return (
    <>
      <Head project={project} now={now} />
      {sync && (code === null || sync.fraction !== null) ? (
        <section aria-label="Fetching" className="max-w-md">
          <SyncBar sync={sync} />
        </section>
      ) : null}
      {fault && !sync ? (
        <div role="alert" className="rounded-md bg-warn-soft px-3 py-2 text-warn">
          <p className="wrap-anywhere">
            <span className="font-medium">
              Not readable, first noticed <TimeAgo at={fault.since} now={now} />:
            </span>{' '}
            {fault.message} {fault.hint}
          </p>
          {code ? <p>Below stands what was read last.</p> : null}
        </div>
      ) : null}
      {code ? <CodePanel code={code} now={now} /> : null}
      {project.source === null ? <NoCode name={project.name} /> : null}
      <History name={project.name} />
      <Jobs project={project} />
    </>
  )
}

function History({ name }: { name: string }) {
  const { history } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <UsageSection
      of={{ project: name }}
      frame={history}
      onFrame={(frame) =>
        void navigate({
          search: ({ history: _, ...rest }) => (frame === undefined ? rest : { ...rest, history: frame }),
          replace: true,
        })
      }
    />
  )
}

function Head({ project, now }: { project: Project; now: number }) {
  const { sync } = useProjectChanges()
  const { mayAdd, maySync } = useProjectRights()
  const mayLaunch = useMayLaunch()
  const [isLeaving, setLeaving] = useState(false)
  const { name, source, by, readAt } = project
  const isBusy = project.sync !== null || sync.isPending
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
      <div className="min-w-0">
        <h1 className="text-20 font-semibold tracking-tight wrap-anywhere">{name}</h1>
        <Dotted className="text-muted">
          {source === null ? <Dot>known from jobs alone</Dot> : null}
          {source ? (
            <Dot title={source.place}>
              <span className="font-mono text-12">{source.place}</span>
            </Dot>
          ) : null}
          {by ? <Dot>added by {by.name}</Dot> : null}
          {readAt === null ? null : (
            <Dot>
              {source?.kind === 'git' ? 'fetched ' : 'read '}
              <TimeAgo at={readAt} now={now} />
            </Dot>
          )}
        </Dotted>
      </div>
      {source === null ? null : (
        <div className="flex shrink-0 items-center gap-1">
          {mayLaunch ? (
            <Link to="/launch" search={{ of: name }} className={buttonClass('primary')}>
              <Rocket size={14} aria-hidden /> Launch
            </Link>
          ) : null}
          {maySync ? (
            <Button disabled={isBusy} onClick={() => sync.mutate(project)}>
              <RefreshCw size={14} aria-hidden /> {isBusy ? 'Syncing …' : 'Sync'}
            </Button>
          ) : null}
          {mayAdd ? (
            <Button look="quiet" square aria-label={`Delete ${name}`} title="Delete" onClick={() => setLeaving(true)}>
              <Trash2 size={14} aria-hidden />
            </Button>
          ) : null}
        </div>
      )}
      {isLeaving ? <DeleteDialog project={project} onClose={() => setLeaving(false)} /> : null}
    </header>
  )
}

function DeleteDialog({ project, onClose }: { project: Project; onClose: () => void }) {
  const { remove } = useProjectChanges()
  const navigate = useNavigate()
  const { name, source, jobs } = project
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Forget «${name}»?`}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button
            look="danger"
            disabled={remove.isPending}
            onClick={() => remove.mutate(project, { onSuccess: () => void navigate({ to: '/projects' }) })}
          >
            Forget project
          </Button>
        </>
      }
    >
      <p className="text-muted">
        {source?.kind === 'folder'
          ? 'Its folder stays as it is.'
          : 'What was fetched of it is removed here; the repository itself stays as it is.'}{' '}
        {jobs.total > 0 ? 'Its jobs stay, under this name.' : ''} It can be added again.
      </p>
    </Dialog>
  )
}

function NoCode({ name }: { name: string }) {
  const { mayAdd } = useProjectRights()
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 rounded-lg border border-line bg-surface px-4 py-3">
      <p className="text-muted">
        Jobs have reported under this name; its code is not known here.{mayAdd ? '' : ' An admin can add it.'}
      </p>
      {mayAdd ? (
        <Link to="/projects" search={{ name, add: 'code' }} className={buttonClass()}>
          <Plus size={14} aria-hidden /> Add its code
        </Link>
      ) : null}
    </div>
  )
}

function Jobs({ project: { name, jobs } }: { project: Project }) {
  const search = { project: [name] }
  const list = useJobs(search)
  const isEmpty = list.data?.pages[0]?.total === 0
  return (
    <section aria-labelledby="jobs-title" className="flex flex-col gap-3">
      <div className="flex items-baseline justify-between gap-3">
        <h2 id="jobs-title" className="text-14 font-medium">
          Jobs
        </h2>
        {jobs.total > 0 ? (
          <Link to="/" search={search} className="text-accent hover:underline">
            Filter and compare them
          </Link>
        ) : null}
      </div>
      {isEmpty ? (
        <p className="text-muted">
          No job has this name yet. One that reports with{' '}
          <code className="font-mono text-12">project={JSON.stringify(name)}</code> appears here.
        </p>
      ) : (
        <JobsList jobs={list} search={search} statistics={undefined} />
      )}
    </section>
  )
}

function Skeleton() {
  return (
    <div className="waits flex flex-col gap-4" aria-busy="true" aria-label="The project is on its way">
      <div className="h-7 w-56 rounded-sm bg-hover" />
      <div className="h-40 rounded-lg border border-line bg-surface" />
      <div className="h-44 rounded-lg border border-line bg-surface" />
    </div>
  )
}
