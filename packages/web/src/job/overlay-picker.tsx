import { useEffect, useState, type ReactNode } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Job, JobCard } from '@pilothouse/contract'
import { formatValue } from '@pilothouse/signals'
import { Check } from 'lucide-react'
import { useServerNow, useServices } from '../app/services.ts'
import { overlaysMax } from '../charts/overlay-places.ts'
import { SearchField } from '../ui/search-field.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { StateSign } from '../ui/state-sign.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'

/** Jobs in one answer; the search finds the others. */
const shownMax = 50
/** A keystroke is asked about after so long. */
const searchAfterMs = 180

/** The job that others are chosen for; without a project the newest of all are offered. */
type PickerSubject = Pick<Job, 'uid' | 'branches' | 'branch'> & { project: string | null }

export type OverlayPickerProps = {
  job: PickerSubject
  title?: string
  chosen: readonly string[]
  isFull: boolean
  onToggle: (id: string, on: boolean) => void
  onClose: () => void
}

/** Which jobs and branches lie over this one: those of its project first, any other by its name. */
export function OverlayPicker({
  job,
  title = 'Lay over this job',
  chosen,
  isFull,
  onToggle,
  onClose,
}: OverlayPickerProps) {
  const [text, setText] = useState('')
  const found = useFoundJobs(job, text)
  const others = found.data?.jobs.filter(({ uid }) => uid !== job.uid) ?? []
  const row = { chosen, isFull, onToggle }
  return (
    <Sheet open title={title} onClose={onClose}>
      <div className="flex flex-col gap-3 px-4 py-3 sm:px-6">
        <SearchField label="Search jobs" text={text} onText={setText} className="" />
        {isFull ? <p className="text-12 text-warn">{overlaysMax} are the most that one chart can tell apart.</p> : null}
        {job.branches.length > 1 && text === '' ? <Branches job={job} {...row} /> : null}
        <Section title={text === '' ? `Newest${job.project === null ? '' : ` of ${job.project}`}` : 'Found'}>
          {others.map((card) => (
            <Row key={card.uid} id={card.uid} name={card.name} {...row}>
              <JobFacts card={card} isElsewhere={card.project !== job.project} />
            </Row>
          ))}
        </Section>
        {found.error ? (
          <p role="alert" className="text-bad">
            The jobs could not be read: {found.error.message}
          </p>
        ) : null}
        {found.data && others.length === 0 ? (
          <p className="text-muted">
            {text === ''
              ? `${job.project ?? 'This control room'} has no other job. Search finds those of other projects.`
              : 'No job matches.'}
          </p>
        ) : null}
        {found.data && found.data.total > shownMax ? (
          <p className="text-12 text-faint">and {found.data.total - shownMax} more; search for them</p>
        ) : null}
      </div>
    </Sheet>
  )
}

function useFoundJobs({ project }: PickerSubject, text: string) {
  const { client } = useServices()
  const words = useLate(text.trim())
  const query = {
    limit: shownMax,
    ...(words === '' ? (project === null ? {} : { project: [project] }) : { search: words }),
  }
  return useQuery({
    queryKey: ['overlay-jobs', query],
    queryFn: async ({ signal }) => client.call('jobs.list', { query, signal }),
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  })
}

/** The text as it was when typing paused. */
function useLate(text: string): string {
  const [late, setLate] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setLate(text), searchAfterMs)
    return () => clearTimeout(timer)
  }, [text])
  return late
}

type RowProps = Pick<OverlayPickerProps, 'chosen' | 'isFull' | 'onToggle'>

function Branches({ job, ...row }: RowProps & { job: PickerSubject }) {
  const others = job.branches.filter(({ number }) => number !== job.branch)
  return (
    <Section title="Branches of this job">
      {others.map(({ number, parent, forkStep }) => (
        <Row key={number} id={`${job.uid}@${number}`} name={`branch ${number}`} {...row}>
          {parent === null ? 'the first' : `from branch ${parent} at step ${forkStep ?? 0}`}
        </Row>
      ))}
    </Section>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col">
      <h3 className="pb-1 text-12 text-faint">{title}</h3>
      {children}
    </section>
  )
}

function Row({
  id,
  name,
  chosen,
  isFull,
  onToggle,
  children,
}: RowProps & { id: string; name: string; children: ReactNode }) {
  const isOn = chosen.includes(id)
  return (
    <button
      type="button"
      aria-pressed={isOn}
      disabled={isFull && !isOn}
      onClick={() => onToggle(id, !isOn)}
      className="-mx-2 flex min-h-11 items-center gap-2 rounded-md px-2 py-1 text-left hover:bg-hover disabled:opacity-50 disabled:hover:bg-transparent"
    >
      <span
        aria-hidden
        className={`flex h-4 w-4 shrink-0 items-center justify-center rounded-sm border ${isOn ? 'border-accent bg-accent text-on-accent' : 'border-line-strong'}`}
      >
        {isOn ? <Check size={12} /> : null}
      </span>
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="truncate font-medium">{name}</span>
        <span className="truncate text-12 text-muted">{children}</span>
      </span>
    </button>
  )
}

function JobFacts({ card, isElsewhere }: { card: JobCard; isElsewhere: boolean }) {
  const { headline } = card
  const now = useServerNow(10_000)
  return (
    <>
      <StateSign state={card.state} /> · <TimeAgo at={card.startedAt ?? card.createdAt} now={now} />
      {headline && headline.last !== null ? ` · ${headline.key} ${formatValue(headline.last)}` : ''}
      {isElsewhere ? ` · ${card.project}` : ''}
      {card.tags.length > 0 ? ` · ${card.tags.map((tag) => `#${tag}`).join(' ')}` : ''}
    </>
  )
}
