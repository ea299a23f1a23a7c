import { Link } from '@tanstack/react-router'
import type { InstanceDetail, InstanceFacts } from '@pilothouse/contract'
import { formatMoney } from '@pilothouse/signals'
import { RotateCw } from 'lucide-react'
import { formatClockTime, formatExactTime } from '../app/format-clock-time.ts'
import { useServerNow } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { JobOfMachine, Trouble } from './instance-card.tsx'
import { InstanceSign } from './instance-sign.tsx'
import { describeGpus, describeLog, describeRate, describeRoom, listFigures } from './instance-words.ts'
import { useInstance, useInstanceLog } from './use-instances.ts'

/** All that is known of one machine. */
export function InstanceSheet({ id, name, onClose }: { id: number; name: string; onClose: () => void }) {
  const instance = useInstance(id)
  return (
    <Sheet open onClose={onClose} title={name}>
      {instance.data ? (
        <Detail instance={instance.data} />
      ) : instance.error ? (
        <ErrorNotice error={instance.error} onRetry={() => void instance.refetch()} />
      ) : null}
    </Sheet>
  )
}

function Detail({ instance }: { instance: InstanceDetail }) {
  const now = useServerNow(5_000)
  const { facts, target, job } = instance
  return (
    <div className="flex flex-col gap-5 px-4 py-4 sm:px-6">
      <InstanceSign status={facts.status} raw={facts.rawStatus} />
      <Trouble instance={instance} now={now} />
      <JobOfMachine instance={instance} />
      {job === null ? null : (
        <Link
          to="/job/$uid"
          params={{ uid: job.uid }}
          search={{ tab: 'resources' }}
          className="touchable self-start rounded-sm text-12 text-accent underline"
        >
          Use of its GPUs over time
        </Link>
      )}
      <Facts instance={instance} />
      {target === null ? null : (
        <section className="flex flex-col gap-1.5">
          <h3 className="font-medium">A target of launches</h3>
          <p className="text-12 text-muted">Jobs are launched on it as on any host behind ssh.</p>
          <Copyable text={`pilothouse launch --target ${target} -- python train.py`} label="the command" />
        </section>
      )}
      <Days instance={instance} />
      <Log id={instance.id} canRead={instance.can.includes('logs') && instance.goneSince === null} />
    </div>
  )
}

function Facts({ instance }: { instance: InstanceDetail }) {
  const { facts, account, seenAt, firstSeenAt, target } = instance
  const { ssh, contractEndsAt, startedAt } = facts
  const rows: [string, string][] = [
    ['GPU', describeGpus(facts)],
    ...listFigures(facts)
      .slice(0, 2)
      .map(({ name, text }): [string, string] => [name === 'GPU' ? 'GPU in use' : name, text]),
    ['GPU memory', describeRoom(facts.gpuMemory)],
    ['Memory', describeRoom(facts.memory)],
    ['Disk', describeRoom(facts.disk)],
    ['Now', describeRate(facts)],
    ['Started', startedAt === null ? 'not told' : formatExactTime(startedAt)],
    ['Contract ends', contractEndsAt === null ? 'not told' : formatExactTime(contractEndsAt)],
    ['Image', facts.image ?? 'not told'],
    ['Region', facts.region ?? 'not told'],
    ['ssh', ssh === null ? 'none yet' : `ssh -p ${ssh.port} ${ssh.user}@${ssh.host}`],
    ['Target', target ?? 'none now'],
    ['Provider', `${facts.provider}, account ${account.name}, number ${facts.id}`],
    ['In its words', wordsOf(facts)],
    ['First seen', formatExactTime(firstSeenAt)],
    ['Last seen', formatExactTime(seenAt)],
  ]
  const log = describeLog(instance, formatClockTime)
  if (log !== null) rows.push(['Training log', log])
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
      {rows.map(([name, text]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="wrap-anywhere">{text}</dd>
        </div>
      ))}
    </dl>
  )
}

function wordsOf({ rawStatus, statusText }: InstanceFacts): string {
  return [rawStatus, statusText].filter((one) => one !== null).join(': ') || 'nothing'
}

/** The newest first. */
function Days({ instance: { days } }: { instance: InstanceDetail }) {
  if (days.length === 0) return null
  const most = Math.max(...days.map(({ amount }) => amount), Number.MIN_VALUE)
  return (
    <section className="flex flex-col gap-1.5">
      <h3 className="font-medium">Cost by day</h3>
      <p className="text-12 text-muted">Days of UTC. An estimate is the rate times the time it was seen so.</p>
      <ol className="flex flex-col gap-1" aria-label="Cost by day">
        {days.toReversed().map(({ day, amount, currency, isCharged }) => (
          <li key={day} className="grid grid-cols-[84px_1fr_auto] items-center gap-3">
            <span className="text-12 text-muted">{new Date(day).toISOString().slice(0, 10)}</span>
            <span className="h-2 overflow-hidden rounded-full bg-line" aria-hidden>
              <span
                className={`block h-full rounded-full ${isCharged ? 'bg-accent' : 'bg-line-strong'}`}
                style={{ width: `${(100 * amount) / most}%` }}
              />
            </span>
            <span className="text-right tabular-nums">
              {formatMoney(amount, currency)}{' '}
              <span className="text-12 text-muted">{isCharged ? 'billed' : 'estimate'}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Log({ id, canRead }: { id: number; canRead: boolean }) {
  const log = useInstanceLog(id)
  if (!canRead) return null
  return (
    <section className="flex flex-col gap-1.5">
      <header className="flex items-center justify-between gap-2">
        <h3 className="font-medium">Log of its container</h3>
        <Button disabled={log.isFetching} onClick={() => void log.refetch()}>
          <RotateCw size={14} aria-hidden /> {log.isFetching ? 'Fetching …' : 'Fetch its end'}
        </Button>
      </header>
      {log.error ? (
        <p role="alert" className="wrap-anywhere text-bad">
          {log.error.message}
        </p>
      ) : null}
      {log.data ? (
        <>
          <p className="text-12 text-muted">As its provider had it at {formatClockTime(log.data.at)}.</p>
          <pre
            tabIndex={0}
            aria-label="Log of its container"
            className="max-h-80 overflow-auto rounded-md bg-sunken p-2.5 font-mono text-12 whitespace-pre-wrap wrap-anywhere"
          >
            {log.data.lines.length === 0 ? 'Nothing was printed yet.' : log.data.lines.join('\n')}
          </pre>
        </>
      ) : null}
    </section>
  )
}
