import { Link } from '@tanstack/react-router'
import { jobTabs, leaveTab, type JobTab } from './job-search.ts'

const names: Record<JobTab, string> = {
  overview: 'Overview',
  metrics: 'Metrics',
  samples: 'Samples',
  checkpoints: 'Checkpoints',
  parameters: 'Parameters',
  resources: 'Resources',
  logs: 'Logs',
  configuration: 'Configuration',
  notes: 'Notes',
}

type TabsProps = {
  tab: JobTab
  notes: number
  /** Changes of parameters that wait for an admin. */
  proposals: number
}

/** Tabs are links: each can be opened, sent and gone back to. */
export function JobTabs({ tab, notes, proposals }: TabsProps) {
  return (
    <nav
      aria-label="Parts of the job"
      className="sticky top-0 z-30 flex gap-4 overflow-x-auto border-b border-line bg-ground px-4 [scrollbar-width:none] sm:px-6"
    >
      {jobTabs.map((name) => (
        <Link
          key={name}
          from="/job/$uid"
          search={(before) => (name === 'overview' ? leaveTab(before) : { ...leaveTab(before), tab: name })}
          aria-current={name === tab ? 'page' : undefined}
          className={`flex h-9 items-center border-b-2 font-medium whitespace-nowrap -outline-offset-2 transition-colors pointer-coarse:h-11 ${name === tab ? 'border-accent text-text' : 'border-transparent text-muted hover:text-text'}`}
        >
          {names[name]}
          {name === 'notes' && notes > 0 ? <span className="pl-1.5 text-12 text-faint">{notes}</span> : null}
          {name === 'parameters' && proposals > 0 ? (
            <span className="ml-1.5 rounded-full bg-warn-soft px-1.5 text-12 text-warn" title="Waits for an admin">
              {proposals}
              <span className="sr-only">{proposals === 1 ? ' waits' : ' wait'} for an admin</span>
            </span>
          ) : null}
        </Link>
      ))}
    </nav>
  )
}
