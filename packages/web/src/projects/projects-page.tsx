import { lazy, Suspense } from 'react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { Project } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { Plus } from 'lucide-react'
import { usePageName } from '../app/crumbs.tsx'
import { useServerNow, useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { ProjectCard } from './project-card.tsx'
import { useProjectRights, useProjects } from './use-projects.ts'

const ProjectPage = lazy(async () => ({ default: (await import('./project-page.tsx')).ProjectPage }))
const AddProjectSheet = lazy(async () => ({ default: (await import('./add-project-sheet.tsx')).AddProjectSheet }))

const route = getRouteApi('/frame/projects')

/** All projects, or the one that the address names. */
export function ProjectsPage() {
  const { name, add } = route.useSearch()
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-[1600px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
        {name === undefined ? (
          <Projects />
        ) : (
          <Suspense fallback={<Skeleton />}>
            <ProjectPage name={name} />
          </Suspense>
        )}
        {add === undefined ? null : <AddProject name={name} />}
      </div>
    </div>
  )
}

function Projects() {
  const projects = useProjects()
  usePageName(undefined, 'Projects')
  return (
    <>
      <header className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h1 className="text-20 font-semibold tracking-tight">Projects</h1>
        <AddButton />
      </header>
      {projects.data ? (
        <Grid projects={projects.data.projects} total={projects.data.total} />
      ) : projects.error ? (
        <ErrorNotice error={projects.error} onRetry={() => void projects.refetch()} />
      ) : (
        <Skeleton />
      )}
    </>
  )
}

const grid = 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,300px),1fr))] gap-3'

function Grid({ projects, total }: { projects: readonly Project[]; total: number }) {
  const now = useServerNow(10_000)
  if (projects.length === 0) return <NoProjects />
  return (
    <>
      <ul aria-label="Projects" className={grid}>
        {projects.map((project) => (
          <ProjectCard key={project.name} project={project} now={now} />
        ))}
      </ul>
      {total > projects.length ? (
        <p className="text-center text-12 text-faint">
          {formatCount(projects.length)} of {formatCount(total)}
        </p>
      ) : null}
    </>
  )
}

function NoProjects() {
  const { mayAdd } = useProjectRights()
  return (
    <Notice title="No projects yet">
      <p>
        A project is source code that jobs are launched from: a folder on the machine of the control room, or a git
        repository. Its page shows the code as it stands beside the jobs of that name. Names that only jobs know appear
        here, too.
      </p>
      {mayAdd ? null : <p>An admin can add one.</p>}
    </Notice>
  )
}

function AddButton() {
  const navigate = useNavigate({ from: '/projects' })
  const { role } = useSession()
  const { mayAdd } = useProjectRights()
  if (!mayAdd) return <p className="text-12 text-muted">You are signed in as {role}: an admin adds projects.</p>
  const open = (): void => void navigate({ search: (before) => ({ ...before, add: 'code' }) })
  return (
    <Button look="primary" onClick={open}>
      <Plus size={14} aria-hidden /> Add a project
    </Button>
  )
}

/** The sheet, for those who may add; it ends on the page of what was added. */
function AddProject({ name }: { name: string | undefined }) {
  const navigate = useNavigate({ from: '/projects' })
  const { mayAdd } = useProjectRights()
  const projects = useProjects()
  if (!mayAdd || !projects.data) return null
  const leave = (to: string | undefined): void => void navigate({ search: to === undefined ? {} : { name: to } })
  return (
    <Suspense fallback={null}>
      <AddProjectSheet
        roots={projects.data.roots ?? []}
        {...(name === undefined ? {} : { name })}
        onAdded={(added) => leave(added.name)}
        onClose={() => leave(name)}
      />
    </Suspense>
  )
}

function Skeleton() {
  return (
    <div className={`waits ${grid}`} aria-busy="true" aria-label="Projects are on their way">
      {Array.from({ length: 6 }, (_, at) => (
        <div key={at} className="flex h-[122px] flex-col gap-3 rounded-lg border border-line bg-surface p-3">
          <div className="h-4 w-2/3 rounded-sm bg-hover" />
          <div className="h-3 w-1/2 rounded-sm bg-hover" />
          <div className="h-8 rounded-sm bg-hover" />
        </div>
      ))}
    </div>
  )
}
