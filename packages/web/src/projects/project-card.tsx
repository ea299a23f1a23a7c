import { Link } from '@tanstack/react-router'
import type { Project } from '@pilothouse/contract'
import { describeHead, formatCount } from '@pilothouse/signals'
import { Folder, GitBranch, LayoutList } from 'lucide-react'
import { countJobs } from '../jobs/count-jobs.ts'
import { StateSign } from '../ui/state-sign.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { DirtSign, SyncBar } from './code-signs.tsx'

/** One project at a glance. Every row has its height whatever it holds. */
export function ProjectCard({ project, now }: { project: Project; now: number }) {
  const { name, source, jobs } = project
  const Icon = source === null ? LayoutList : source.kind === 'folder' ? Folder : GitBranch
  return (
    <li className="relative flex min-w-0 flex-col gap-2 rounded-lg border border-line bg-surface p-3 transition-colors hover:border-line-strong has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-offset-2 has-[a:focus-visible]:outline-accent">
      <div>
        <div className="flex items-center gap-2">
          <Icon size={14} className="shrink-0 text-faint" aria-hidden />
          <h2 className="min-w-0 flex-1 truncate text-14 font-medium" title={name}>
            <Link
              to="/projects"
              search={{ name }}
              className="outline-none after:absolute after:inset-0 after:rounded-lg"
            >
              {name}
            </Link>
          </h2>
          {project.code ? <DirtSign code={project.code} /> : null}
        </div>
        <p className="mt-0.5 truncate text-12 text-muted" title={source?.place}>
          {source === null ? (
            'Known from jobs alone'
          ) : (
            <span className="font-mono">
              <span className="sr-only">{source.kind === 'folder' ? 'folder ' : 'git '}</span>
              {source.place}
            </span>
          )}
        </p>
      </div>
      <CardCode project={project} />
      <div className="flex h-4 items-center justify-between gap-3 text-12 text-muted">
        <span className="truncate">
          {jobs.total === 0 ? 'no job yet' : countJobs(jobs.total)}
          {jobs.running > 0 ? <span className="text-accent"> · {formatCount(jobs.running)} running</span> : null}
        </span>
        {jobs.last ? (
          <span className="flex min-w-0 items-center gap-1.5" title={`last job: ${jobs.last.name}`}>
            <StateSign state={jobs.last.state} word={false} />
            <TimeAgo at={jobs.last.createdAt} now={now} />
          </span>
        ) : null}
      </div>
    </li>
  )
}

/** Branch and commit; what is under way or wrong instead of its subject. */
function CardCode({ project: { source, code, fault, sync } }: { project: Project }) {
  if (source === null) return <p className="h-10 text-13 text-faint">No code of it is here.</p>
  return (
    <div className="flex h-10 flex-col justify-center gap-0.5">
      {code ? (
        <p className="truncate font-mono text-12" title={describeHead(code)}>
          {describeHead(code)}
        </p>
      ) : null}
      {sync && (code === null || sync.fraction !== null) ? (
        <SyncBar sync={sync} />
      ) : fault ? (
        <p className={`text-12 text-warn ${code ? 'truncate' : 'line-clamp-2'}`} title={fault.message}>
          {fault.message}
        </p>
      ) : (
        <p className="truncate text-13 text-muted" title={code?.commit?.subject}>
          {code?.commit?.subject ?? (code ? '' : 'Not read yet.')}
        </p>
      )}
    </div>
  )
}
