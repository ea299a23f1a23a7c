import { lazy, Suspense, useState } from 'react'
import type { Job, JobSchedule, Parameter, ScheduleList } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { formatCount, type ScheduleMoment } from '@pilothouse/signals'
import { describeProgress } from '../commands/describe-command.ts'
import type { Steering } from '../commands/use-steering.ts'
import { Button } from '../ui/button.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { ProgressBar } from '../ui/progress-bar.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { describePhase, findShare, isLiveSchedule } from './describe-phase.ts'

const ScheduleSheet = lazy(async () => ({ default: (await import('./schedule-sheet.tsx')).ScheduleSheet }))
const CancelDialog = lazy(async () => ({ default: (await import('./cancel-dialog.tsx')).CancelDialog }))

/** So many that are over are shown; the rest when somebody asks. */
const overShown = 3

type SectionProps = {
  job: Job
  list: ScheduleList
  parameters: readonly Parameter[]
  steering: Steering
  now: number
  mayChange: boolean
  /** What is added is proposed only. */
  proposes: boolean
  /** Parameter whose schedule somebody is about to add; undefined: nobody. */
  adding: string | undefined
  onAdd: (key: string | undefined) => void
}

/** What moves parameters by itself: under way, waiting, and over. */
export function ScheduleSection({
  job,
  list,
  parameters,
  steering,
  now,
  mayChange,
  proposes,
  adding,
  onAdd,
}: SectionProps) {
  const { schedules, refusal } = list
  const [isLong, setLong] = useState(false)
  const [cancelled, setCancelled] = useState<JobSchedule>()
  const numbers = parameters.filter(({ type }) => type === 'number' || type === 'integer')
  const canAdd = mayChange && refusal === null && numbers[0] !== undefined
  // What has ended says so above: only a job that goes on and takes none has more to say.
  const isRefused = mayChange && refusal !== null && numbers[0] !== undefined && !isEnded(job.state)
  if (schedules.length === 0 && !canAdd && !isRefused) return null
  const live = schedules.filter(isLiveSchedule)
  const over = schedules.filter((one) => !isLiveSchedule(one))
  const shown = [...live, ...(isLong ? over : over.slice(0, overShown))]
  const moment = { step: job.progress?.step ?? 0, epoch: job.progress?.epoch ?? null, timeMs: now }
  return (
    <section aria-labelledby="schedules-title" className="rounded-lg border border-line bg-surface">
      <div className="flex min-h-10 flex-wrap items-center justify-between gap-2 px-4 py-1.5">
        <h2 id="schedules-title" className="font-medium">
          Schedules <span className="font-normal text-faint">{formatCount(schedules.length)}</span>
        </h2>
        {canAdd ? (
          <Button aria-haspopup="dialog" onClick={() => onAdd(numbers[0]?.key)}>
            Add schedule…
          </Button>
        ) : null}
      </div>
      {mayChange && refusal !== null ? <p className="border-t border-line px-4 py-2 text-muted">{refusal}</p> : null}
      {schedules.length === 0 && canAdd ? (
        <p className="border-t border-line px-4 py-2 text-muted">
          None. A schedule moves a parameter by itself, inside the training: a warm-up, a decay, or a value that is set
          when a metric comes to something.
        </p>
      ) : null}
      <ul aria-label="Schedules">
        {shown.map((one) => (
          <ScheduleItem
            key={one.id}
            one={one}
            moment={moment}
            job={job}
            steering={steering}
            onCancel={mayChange && refusal === null ? () => setCancelled(one) : undefined}
          />
        ))}
      </ul>
      {over.length > overShown && !isLong ? (
        <div className="border-t border-line px-4 py-2">
          <Button onClick={() => setLong(true)}>{over.length - overShown} more that are over</Button>
        </div>
      ) : null}
      <Suspense fallback={null}>
        {adding !== undefined && canAdd ? (
          <ScheduleSheet
            job={job}
            parameters={numbers}
            schedules={schedules}
            first={adding}
            proposes={proposes}
            onClose={() => onAdd(undefined)}
          />
        ) : null}
        {cancelled ? <CancelDialog job={job} one={cancelled} onClose={() => setCancelled(undefined)} /> : null}
      </Suspense>
    </section>
  )
}

const tones = {
  waiting: 'text-warn',
  active: 'text-accent',
  done: 'text-good',
  cancelled: 'text-muted',
  failed: 'text-bad',
} as const

type ItemProps = {
  one: JobSchedule
  moment: ScheduleMoment
  job: Job
  steering: Steering
  onCancel: (() => void) | undefined
}

function ScheduleItem({ one, moment, job, steering, onCancel }: ItemProps) {
  const { id, words, end, by, note, createdAt, state } = one
  const share = findShare(one, moment)
  const open = steering.waiting.find(
    (command) =>
      (command.kind === 'schedule' && command.id === id) ||
      (command.kind === 'cancelSchedule' && command.body.schedule === id),
  )
  return (
    <li data-schedule={id} className="flex flex-wrap items-start gap-x-4 gap-y-1.5 border-t border-line px-4 py-2">
      <div className="flex min-w-0 flex-1 basis-64 flex-col gap-0.5">
        <p className="wrap-anywhere">
          <span className="font-medium">{words}</span>
        </p>
        <p className="wrap-anywhere">
          <span className={tones[state.phase]} data-phase={state.phase}>
            {describePhase(one, moment)}
          </span>
          {end === null ? '' : <span className="text-muted">: {end}</span>}
        </p>
        {share === null ? null : (
          <ProgressBar
            fraction={share}
            state={job.state}
            label={`Progress of the schedule: ${words}`}
            className="h-1 max-w-80"
          />
        )}
        {open ? (
          <p role="status" className="text-12 text-muted">
            {open.kind === 'cancelSchedule' ? 'To be cancelled: ' : 'Given: '}
            {describeProgress(open)}
          </p>
        ) : null}
        {note === null ? null : <p className="wrap-anywhere text-muted">«{note}»</p>}
        <Dotted className="text-12 text-faint">
          <Dot>{by?.name ?? 'pilothouse'}</Dot>
          <Dot>
            <TimeAgo at={createdAt} now={moment.timeMs} />
          </Dot>
        </Dotted>
      </div>
      {onCancel && isLiveSchedule(one) && open?.kind !== 'cancelSchedule' ? (
        <Button aria-label={`Cancel the schedule: ${words}`} aria-haspopup="dialog" onClick={onCancel}>
          Cancel…
        </Button>
      ) : null}
    </li>
  )
}
