import { Link } from '@tanstack/react-router'
import type { RentedInstance } from '@pilothouse/contract'
import { formatDuration, formatMoney } from '@pilothouse/signals'
import { isEnded } from '@pilothouse/contract/wire'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { CheckField } from '../ui/fields.tsx'
import { ProgressBar } from '../ui/progress-bar.tsx'
import { StateSign } from '../ui/state-sign.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { InstanceActions } from './instance-actions.tsx'
import { InstanceSign } from './instance-sign.tsx'
import { describeGpus, describeRate, describeTimes, listFigures, nameInstance } from './instance-words.ts'
import { useInstanceChanges, useMayRent } from './use-instances.ts'

type CardProps = { instance: RentedInstance; now: number }

/** Figures of a card; the sheet has all. */
const figuresShown = 3

/** A machine at a glance, with what can be done to it. */
export function InstanceCard({ instance, now }: CardProps) {
  const { id, facts, account, goneSince } = instance
  return (
    <li className="flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-surface p-3">
      <div>
        <div className="flex items-center gap-2">
          <h2 className="min-w-0 flex-1 truncate text-14 font-medium" title={nameInstance(instance)}>
            <Link
              from="/instances"
              to="/instances"
              search={{ machine: id }}
              className="touchable rounded-sm hover:underline"
            >
              {nameInstance(instance)}
            </Link>
          </h2>
          <span className="text-12">
            <InstanceSign status={facts.status} raw={facts.rawStatus} />
          </span>
        </div>
        <Dotted className="text-12 text-muted">
          <Dot>{describeGpus(facts)}</Dot>
          <Dot>
            {facts.provider} {facts.id}
          </Dot>
          <Dot>account {account.name}</Dot>
        </Dotted>
      </div>
      <Trouble instance={instance} now={now} />
      <Figures instance={instance} />
      <Cost instance={instance} />
      <JobOfMachine instance={instance} />
      <Dotted className="mt-auto text-12 text-muted">
        {describeTimes(facts, now).map((text) => (
          <Dot key={text}>{text}</Dot>
        ))}
        <Dot>
          {goneSince === null ? 'seen' : 'gone'} <TimeAgo at={goneSince ?? instance.seenAt} now={now} />
        </Dot>
      </Dotted>
      {useMayRent() ? <InstanceActions instance={instance} /> : null}
    </li>
  )
}

/** What stands there is old, and this says how old. */
export function Trouble({ instance: { trouble, seenAt }, now }: CardProps) {
  if (trouble === null) return null
  return (
    <p className="rounded-md bg-warn-soft px-2.5 py-1.5 wrap-anywhere text-warn">
      Seen {formatDuration(Math.max(1_000, now - seenAt))} ago, nothing newer is known. {trouble.message} {trouble.hint}
    </p>
  )
}

function Figures({ instance }: { instance: RentedInstance }) {
  const all = listFigures(instance.facts).slice(0, figuresShown)
  if (all.length === 0) return null
  return (
    <dl
      aria-label={`Figures of ${nameInstance(instance)}, as its provider tells them`}
      className="flex rounded-md bg-sunken"
    >
      {all.map((figure) => (
        <div
          key={figure.name}
          className="flex min-w-0 flex-1 flex-col-reverse border-l border-line px-2.5 py-1.5 first:border-l-0"
        >
          <dt className="truncate text-12 text-muted">{figure.name}</dt>
          <dd className="text-16 font-medium">{figure.text}</dd>
        </div>
      ))}
    </dl>
  )
}

function Cost({ instance: { facts, cost } }: { instance: RentedInstance }) {
  return (
    <p className="flex flex-wrap justify-between gap-x-3 text-muted">
      <span>{describeRate(facts)}</span>
      {cost === null ? null : (
        <span>
          <span className="font-medium text-text">{formatMoney(cost.amount, cost.currency)}</span> so far{' '}
          {cost.isEstimate ? '(estimate)' : '(billed)'}
        </span>
      )}
    </p>
  )
}

/** The job that was seen on it last, and whether it takes the machine with it. */
export function JobOfMachine({ instance }: { instance: RentedInstance }) {
  const { job, id, stopWhenDone, can, goneSince } = instance
  const { edit } = useInstanceChanges()
  const mayRent = useMayRent()
  if (job === null) return <p className="text-12 text-muted">No job is known on it.</p>
  const isUnderWay = !isEnded(job.state)
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-center justify-between gap-2 text-12">
        <Link
          to="/job/$uid"
          params={{ uid: job.uid }}
          className="touchable min-w-0 truncate rounded-sm text-13 text-accent underline"
        >
          {job.name}
        </Link>
        <StateSign state={job.state} />
      </div>
      {isUnderWay ? <ProgressBar fraction={job.fraction} state={job.state} label={`Progress of ${job.name}`} /> : null}
      {isUnderWay && mayRent && can.includes('stop') && goneSince === null ? (
        <CheckField
          label="Stop the machine when the job ends"
          isOn={stopWhenDone}
          onChange={(isOn) => edit.mutate({ id, stopWhenDone: isOn })}
        />
      ) : null}
    </div>
  )
}
