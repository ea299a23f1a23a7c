import { Link } from '@tanstack/react-router'
import { ChevronRight, FileUp, SquareTerminal, Code } from 'lucide-react'
import { AddJobButton } from '../add-job/add-job.tsx'
import type { AddWay } from '../add-job/add-ways.ts'

const ways: { way: AddWay; Icon: typeof Code; title: string; words: string }[] = [
  { way: 'sdk', Icon: Code, title: 'Log from Python', words: 'Three lines in a training script' },
  {
    way: 'run',
    Icon: SquareTerminal,
    title: 'Run any command',
    words: 'The script stays as it is; what it prints is read',
  },
  { way: 'import', Icon: FileUp, title: 'Import old files', words: 'current-jobs.json and past-jobs.json' },
]

/** Nothing has ever reported here: what this page is for, and the one thing to do. */
export function JobsWelcome() {
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-xl flex-col gap-5 px-4 py-12 text-muted sm:py-20">
        <h1 className="text-20 font-semibold text-text">No jobs yet</h1>
        <p>
          A job appears here the moment it reports: its curves, its log and the machine it runs on, live. This page
          fills without being reloaded.
        </p>
        <ul className="overflow-hidden rounded-lg border border-line bg-surface">
          {ways.map(({ way, Icon, title, words }) => (
            <li key={way} className="border-t border-line first:border-t-0">
              <Link
                to="/"
                search={{ add: way }}
                className="flex items-center gap-3 px-4 py-3 -outline-offset-2 transition-colors hover:bg-hover"
              >
                <Icon size={16} className="shrink-0 text-faint" aria-hidden />
                <span className="min-w-0 flex-1">
                  <span className="block font-medium text-text">{title}</span>
                  <span className="block text-12">{words}</span>
                </span>
                <ChevronRight size={14} className="shrink-0 text-faint" aria-hidden />
              </Link>
            </li>
          ))}
        </ul>
        <AddJobButton className="self-start" />
      </div>
    </div>
  )
}
