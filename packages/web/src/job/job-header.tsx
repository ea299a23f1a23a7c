import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import type { Job } from '@pilothouse/contract'
import { costAt, isEnded, isLive } from '@pilothouse/contract/wire'
import { describeSilence, formatCount, formatDuration, formatMoney, formatPrice, formatRate } from '@pilothouse/signals'
import { RefreshCw } from 'lucide-react'
import { formatExactTime } from '../app/format-clock-time.ts'
import { useServerNow } from '../app/services.ts'
import { SteeringButtons, type OrderCalls } from '../commands/steering-buttons.tsx'
import { SteeringLine } from '../commands/steering-line.tsx'
import type { Steering } from '../commands/use-steering.ts'
import { projectAt } from '../costs/project-at.ts'
import { ProposalLine } from '../proposals/proposal-line.tsx'
import { Button } from '../ui/button.tsx'
import { formatEpoch, formatTimeLeft, ProgressBar } from '../ui/progress-bar.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { HealthSign } from '../ui/health-sign.tsx'
import { StateSign } from '../ui/state-sign.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { WandbLines } from '../wandb/wandb-line.tsx'
import { EditableName } from './editable-name.tsx'
import { JobMenu } from './job-menu.tsx'
import type { JobTab } from './job-search.ts'
import { PauseSwitch, type Pause } from './pause.tsx'
import { TagList } from './tag-list.tsx'

type HeaderProps = {
  job: Job
  tab: JobTab
  pause: Pause
  steering: Steering
  orders: OrderCalls
  /** Changes of parameters that wait for an admin. */
  proposals: number
  onRefresh: () => void
}

/** Who, what, how far: the three lines that are read first. */
export function JobHeader({ job, tab, pause, steering, orders, proposals, onRefresh }: HeaderProps) {
  const now = useServerNow()
  return (
    <div className="flex flex-col gap-2 px-4 pt-3 pb-3 sm:px-6">
      <div className="flex items-center gap-x-3">
        <div className="flex min-w-0 flex-1 items-baseline gap-3">
          <span className="text-13 font-medium" role="status">
            <StateSign state={job.state} />
          </span>
          <HealthSign card={job} now={now} />
          <EditableName job={job} />
        </div>
        <div className="flex items-center gap-1.5">
          <SteeringButtons {...orders} />
          {isLive(job.state) ? <PauseSwitch pause={pause} /> : null}
          <Button
            square
            look="quiet"
            className="max-sm:hidden"
            aria-label="Refresh"
            title="Refresh (r)"
            onClick={onRefresh}
          >
            <RefreshCw size={14} aria-hidden />
          </Button>
          <JobMenu job={job} orders={orders} onRefresh={onRefresh} />
        </div>
      </div>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1.5">
        <FactLine job={job} now={now} />
        <TagList job={job} />
      </div>
      <ProgressLine job={job} now={now} />
      <StateWords job={job} now={now} />
      <WandbLines job={job} now={now} />
      <SteeringLine steering={steering} tab={tab} onOpen={orders.onList} />
      {tab === 'parameters' ? null : <ProposalLine count={proposals} />}
    </div>
  )
}

function FactLine({ job, now }: { job: Job; now: number }) {
  const branch = job.recipe?.git?.branch
  const commit =
    job.commit === null
      ? null
      : `${branch ? `${branch}@` : ''}${job.commit.slice(0, 7)}${job.recipe?.git?.dirty ? ' (changed)' : ''}`
  const facts: [name: string, value: ReactNode][] = [
    ['model', job.model],
    ['dataset', job.dataset],
    ['target', job.target],
    ['commit', commit && <span className="font-mono text-12">{commit}</span>],
    [
      'project',
      <Link key="project" to="/projects" search={{ name: job.project }} className="hover:text-text hover:underline">
        {job.project}
      </Link>,
    ],
    ['group', job.group],
    ['job type', job.jobType],
    ['owner', job.owner.name],
    [
      'started',
      job.startedAt === null ? null : (
        <>
          started <TimeAgo at={job.startedAt} now={now} />
        </>
      ),
    ],
    ['elapsed', describeElapsed(job, now)],
    ['cost', describeCost(job, now)],
  ]
  return (
    <Dotted className="text-muted">
      {facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <Dot key={name} title={name}>
            {value}
          </Dot>
        ))}
    </Dotted>
  )
}

function describeElapsed({ startedAt, endedAt, attempt }: Job, now: number): ReactNode {
  if (startedAt === null) return null
  const again = attempt > 1 ? `attempt ${attempt}, ` : ''
  if (endedAt === null) return `${again}${formatDuration(Math.max(0, now - startedAt))} so far`
  return (
    <span title={`ended ${formatExactTime(endedAt)}`}>{`${again}took ${formatDuration(endedAt - startedAt)}`}</span>
  )
}

function describeCost(job: Job, now: number): ReactNode {
  const { cost } = job
  if (!cost) return null
  const { currency, perHour } = cost
  const amount = formatMoney(costAt(cost, now), currency)
  if (perHour <= 0) return amount
  const projection = projectAt(job, now)
  return (
    <>
      <span title={`${formatPrice(perHour, currency)} an hour`}>{amount} so far</span>
      {projection.amount === null ? null : (
        <span title={projection.assumption}>, ≈ {formatMoney(projection.amount, currency)} at its end</span>
      )}
    </>
  )
}

function ProgressLine({ job, now }: { job: Job; now: number }) {
  const { progress } = job
  if (!progress && job.state !== 'completed') return null
  const fraction = job.state === 'completed' ? 1 : (progress?.fraction ?? null)
  const parts = [
    progress?.step === null || progress?.step === undefined
      ? null
      : `step ${formatCount(progress.step)}${progress.totalSteps === null ? '' : `/${formatCount(progress.totalSteps)}`}`,
    progress?.epoch === null || progress?.epoch === undefined
      ? null
      : `epoch ${formatEpoch(progress.epoch)}${progress.totalEpochs === null ? '' : `/${formatEpoch(progress.totalEpochs)}`}`,
    isLive(job.state) && progress?.stepsPerSecond ? formatRate(progress.stepsPerSecond) : null,
    isLive(job.state) ? formatTimeLeft(progress, now) : null,
  ].filter((part) => part !== null)
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <div className="flex min-w-0 flex-1 items-center gap-3 max-sm:basis-full">
        <ProgressBar fraction={fraction} state={job.state} label="Progress" className="h-2" />
        {fraction === null ? null : <span className="w-12 text-right font-medium">{Math.floor(fraction * 100)} %</span>}
      </div>
      {/* The width is kept, so that changing numbers do not move the bar. */}
      <Dotted
        className={`text-muted sm:[&>div]:justify-end sm:[&>div>:first-child]:before:hidden ${isLive(job.state) ? 'sm:min-w-92' : ''}`}
      >
        {parts.map((part, at) => (
          <Dot key={part.split(' ')[0] ?? at}>{part}</Dot>
        ))}
      </Dotted>
    </div>
  )
}

/** What there is to say about the state in words: why it waits, why it is lost, that it is silent. */
function StateWords({ job, now }: { job: Job; now: number }) {
  const silence = describeSilence(job.heardAt, now, job.state)
  const words = silence
    ? `${silence.charAt(0).toUpperCase()}${silence.slice(1)}. It may have nothing to report, be stuck, or be cut off from the network.`
    : job.stateReason
  if (words === null || (job.state === 'failed' && job.error !== null)) return null
  const tone =
    silence || job.state === 'lost'
      ? 'bg-warn-soft text-warn'
      : isEnded(job.state)
        ? 'bg-hover text-muted'
        : 'bg-warn-soft text-warn'
  return (
    <p role="status" className={`rounded-md px-3 py-1.5 ${tone}`}>
      {words}
    </p>
  )
}
