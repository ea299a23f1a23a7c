import { Link } from '@tanstack/react-router'
import type { Job, Launch, LaunchStep } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { formatCount, formatDuration, formatRelativeTime } from '@pilothouse/signals'
import { useServerNow } from '../app/services.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { SignFrame } from '../ui/state-sign.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { useMayEdit } from '../job/use-edit-job.ts'
import { orderNames, useCleanLaunch, useLaunch, useLaunchOrder, useMayLaunch } from './use-launches.ts'

const names: Record<LaunchStep['step'], string> = {
  check: 'Check',
  code: 'Code',
  sdk: 'SDK',
  folder: 'Run folder',
  submit: 'Submit',
  start: 'Start',
}

/** How a job gets to its target, and how it stands there; nothing for a job that was not launched from here. */
export function LaunchPanel({ job }: { job: Job }) {
  const { data } = useLaunch(job.uid)
  if (!data) return null
  return <Panel job={job} launch={data} />
}

function Panel({ job, launch }: { job: Job; launch: Launch }) {
  const now = useServerNow(1_000)
  const { target, slurmId, nodes, folder, restarts, unknownSince, trouble, expectedStartAt, position } = launch
  const isWaiting = job.state === 'pending' || job.state === 'submitting'
  const facts: [string, string | null][] = [
    ['Target', `${target.name}${nodes.length > 0 ? `, ${nodes.join(', ')}` : ''}`],
    ['Slurm', slurmId],
    ['Position', isWaiting && position !== null ? `${formatCount(position)} in its partition` : null],
    [
      'Starts',
      isWaiting && expectedStartAt !== null ? `${formatRelativeTime(expectedStartAt, now)}, by Slurm's plan` : null,
    ],
    ['Started again', restarts === 0 ? null : `${restarts} ${restarts === 1 ? 'time' : 'times'}`],
    ['Folder', folder],
  ]
  return (
    <section aria-labelledby="launch-title" className="rounded-lg border border-line bg-surface">
      <h2 id="launch-title" className="h-10 border-b border-line px-4 leading-10 font-medium">
        Launch
      </h2>
      <div className="flex flex-col gap-3 px-4 py-3">
        {unknownSince !== null && !isEnded(job.state) ? (
          <p role="status" className="rounded-md bg-warn-soft px-3 py-2 wrap-anywhere text-warn">
            <span className="font-medium">
              Unknown since <TimeAgo at={unknownSince} now={now} />.
            </span>{' '}
            {trouble ? `${trouble.message} ${trouble.hint}` : ''} It is asked again by itself.
          </p>
        ) : trouble ? (
          <p role="alert" className="wrap-anywhere text-warn">
            {trouble.message} {trouble.hint}
          </p>
        ) : null}
        <ol aria-label="Steps" className="flex flex-col gap-1">
          {launch.steps.map((step) => (
            <Step key={step.step} step={step} now={now} />
          ))}
        </ol>
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5 border-t border-line pt-3">
          {facts.map(([term, words]) =>
            words === null ? null : (
              <div key={term} className="contents">
                <dt className="text-muted">{term}</dt>
                <dd className={`min-w-0 wrap-anywhere ${term === 'Folder' ? 'font-mono text-12' : ''}`}>{words}</dd>
              </div>
            ),
          )}
        </dl>
        <Orders job={job} launch={launch} />
      </div>
    </section>
  )
}

const tones: Record<LaunchStep['state'], string> = {
  waiting: 'text-faint',
  active: 'text-accent',
  done: 'text-good',
  skipped: 'text-faint',
  failed: 'text-bad',
}

function Step({ step: { step, state, words, hint, startedAt, endedAt }, now }: { step: LaunchStep; now: number }) {
  const took = startedAt === null || state === 'failed' ? null : (endedAt ?? now) - startedAt
  return (
    <li className="flex gap-2" aria-current={state === 'active' ? 'step' : undefined}>
      <span className={`pt-[3px] ${tones[state]}`}>
        <SignFrame>{shapeOf(state)}</SignFrame>
      </span>
      <span className="min-w-0 flex-1 wrap-anywhere">
        <span className={state === 'waiting' ? 'text-faint' : 'font-medium'}>{names[step]}</span>
        <span className="sr-only">, {state}</span>{' '}
        <span className={state === 'failed' ? 'text-bad' : 'text-muted'}>
          {words} {state === 'failed' ? hint : null}
        </span>
      </span>
      {took !== null && took >= 1_000 ? (
        <span className="shrink-0 text-12 text-faint">{formatDuration(took)}</span>
      ) : null}
    </li>
  )
}

function shapeOf(state: LaunchStep['state']) {
  switch (state) {
    case 'done':
      return <path d="M3 7.4l2.8 2.8L11 4.4" strokeWidth="1.75" />
    case 'failed':
      return <path d="M3.6 3.6l6.8 6.8M10.4 3.6l-6.8 6.8" strokeWidth="1.75" />
    case 'active':
      return (
        <>
          <circle cx="7" cy="7" r="4.6" />
          <path d="M7 4.6V7l1.6 1.2" />
        </>
      )
    case 'skipped':
      return <path d="M3.5 7h7" />
    case 'waiting':
      return <circle cx="7" cy="7" r="4.6" />
    default:
      return state satisfies never
  }
}

/** What can be done with it now. */
function Orders({ job, launch }: { job: Job; launch: Launch }) {
  const order = useLaunchOrder(job.uid)
  const mayEdit = useMayEdit(job)
  const mayLaunch = useMayLaunch()
  const orders = mayEdit ? launch.orders : []
  if (orders.length === 0 && !mayLaunch && !mayEdit) return null
  return (
    <div className="flex flex-wrap gap-2">
      {orders.map((one) => (
        <Button key={one} disabled={order.isPending} onClick={() => order.mutate(one)}>
          {orderNames[one]}
        </Button>
      ))}
      {mayLaunch ? (
        <Link to="/launch" search={{ from: job.uid }} className={buttonClass()}>
          Launch again, changed
        </Link>
      ) : null}
      {mayEdit ? <Clean job={job} launch={launch} /> : null}
    </div>
  )
}

function Clean({ job, launch }: { job: Job; launch: Launch }) {
  const clean = useCleanLaunch(job.uid)
  if (!launch.isKept || !isEnded(job.state)) return null
  return (
    <Button disabled={clean.isPending} onClick={() => clean.mutate()}>
      {clean.isPending ? 'Removing …' : 'Remove its folder there'}
    </Button>
  )
}
