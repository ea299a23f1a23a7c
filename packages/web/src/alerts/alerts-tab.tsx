import { getRouteApi, Link } from '@tanstack/react-router'
import type { Alert, AlertPage } from '@pilothouse/contract'
import { alertLevels } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { Check, CheckCheck, Undo2, X } from 'lucide-react'
import { useServerNow } from '../app/services.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { AlertSign } from './alert-sign.tsx'
import type { AlertsSearch } from './alerts-search.ts'
import { useAlertEdit, useAlertRights, useAlerts } from './use-alerts.ts'

const route = getRouteApi('/frame/alerts')
const statuses = [
  { value: undefined, name: 'Open' },
  { value: 'resolved', name: 'Resolved' },
  { value: 'all', name: 'All' },
] as const

/** Alerts of all jobs, newest first: those that need somebody, unless others are asked for. */
export function AlertsTab() {
  const search = route.useSearch()
  const alerts = useAlerts(search)
  const list = alerts.data?.pages.flatMap((page) => page.alerts) ?? []
  const open = alerts.data?.pages[0]?.open
  return (
    <>
      <Filters search={search} open={open} list={list} />
      {alerts.error && list.length === 0 ? (
        <ErrorNotice error={alerts.error} onRetry={() => void alerts.refetch()} />
      ) : null}
      {alerts.isPending ? <div className="waits h-48 rounded-lg bg-hover" aria-busy="true" /> : null}
      {alerts.data && list.length === 0 ? <NoAlerts search={search} /> : null}
      {list.length > 0 ? <AlertItems alerts={list} /> : null}
      {alerts.hasNextPage ? (
        <div className="text-center">
          <Button look="quiet" disabled={alerts.isFetchingNextPage} onClick={() => void alerts.fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      ) : null}
    </>
  )
}

type FilterProps = { search: AlertsSearch; open: AlertPage['open'] | undefined; list: readonly Alert[] }

function Filters({ search, open, list }: FilterProps) {
  const edit = useAlertEdit()
  const { mayManage } = useAlertRights()
  const { status: _, level: __, ...rest } = search
  const raised = list.filter(({ status }) => status === 'raised')
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <nav aria-label="Which alerts" className="flex">
        {statuses.map(({ value, name }) => (
          <Choice
            key={name}
            isOn={search.status === value}
            search={{ ...search, ...rest, ...(search.level ? { level: search.level } : {}), status: value }}
          >
            {name}
            {value === undefined && open ? (
              <span className="text-12 text-faint">{formatCount(open.raised + open.acknowledged)}</span>
            ) : null}
          </Choice>
        ))}
      </nav>
      <nav aria-label="Of which level" className="flex">
        {alertLevels.toReversed().map((level) => (
          <Choice
            key={level}
            isOn={search.level === level}
            search={{ ...search, level: search.level === level ? undefined : level }}
          >
            {level}
          </Choice>
        ))}
      </nav>
      {search.job !== undefined || search.rule !== undefined ? (
        <Link to="/alerts" search={{}} className={`${buttonClass('quiet')} bg-accent-soft text-accent`}>
          {search.job !== undefined ? 'of one job' : 'of one rule'} <X size={14} aria-label="Show those of all" />
        </Link>
      ) : null}
      {mayManage && raised.length > 1 ? (
        <Button
          className="ml-auto"
          disabled={edit.isPending}
          onClick={() => edit.mutate({ alerts: raised, status: 'acknowledged' })}
        >
          <Check size={14} aria-hidden /> Acknowledge {formatCount(raised.length)}
        </Button>
      ) : null}
    </div>
  )
}

type ChoiceProps = {
  isOn: boolean
  search: { [Key in keyof AlertsSearch]: AlertsSearch[Key] | undefined }
  children: React.ReactNode
}

function Choice({ isOn, search, children }: ChoiceProps) {
  const kept = Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as AlertsSearch // without what is not set
  return (
    <Link
      to="/alerts"
      search={kept}
      replace
      aria-current={isOn ? 'true' : undefined}
      className={`${buttonClass('quiet')} ${isOn ? 'bg-accent-soft text-accent' : ''}`}
    >
      {children}
    </Link>
  )
}

function AlertItems({ alerts }: { alerts: readonly Alert[] }) {
  const now = useServerNow(10_000)
  return (
    <ul aria-label="Alerts" className="overflow-hidden rounded-lg border border-line bg-surface">
      {alerts.map((alert) => (
        <AlertItem key={alert.id} alert={alert} now={now} />
      ))}
    </ul>
  )
}

function AlertItem({ alert, now }: { alert: Alert; now: number }) {
  const { level, title, text, job, status, step, series } = alert
  return (
    <li className="flex flex-wrap gap-x-3 gap-y-1 border-t border-line px-4 py-2.5 first:border-t-0">
      <span className="pt-0.5">
        <AlertSign level={level} isQuiet={status === 'resolved'} />
      </span>
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className={`font-medium wrap-anywhere ${status === 'resolved' ? 'text-muted' : ''}`}>{title}</span>
          <Link
            to="/job/$uid"
            params={{ uid: job.uid }}
            search={series?.source === 'job' ? { tab: 'metrics' as const } : {}}
            className="truncate text-accent underline"
            title={job.uid}
          >
            {job.name || job.uid}
          </Link>
        </p>
        {text === '' ? null : <p className="wrap-anywhere whitespace-pre-wrap text-muted">{text}</p>}
        <p className="flex flex-wrap gap-x-2 text-12 text-faint">
          <TimeAgo at={alert.time} now={now} />
          {step === null ? null : <span>step {formatCount(step)}</span>}
          {series ? <span className="font-mono wrap-anywhere">{nameSeries(series)}</span> : null}
          <span>{describeStatus(alert)}</span>
        </p>
      </div>
      <Actions alert={alert} />
    </li>
  )
}

function Actions({ alert }: { alert: Alert }) {
  const edit = useAlertEdit()
  const { mayManage } = useAlertRights()
  if (!mayManage) return null
  const to = (status: Alert['status']) => () => edit.mutate({ alerts: [alert], status })
  const { status, changedBy } = alert
  return (
    <div className="flex shrink-0 items-start gap-1 max-sm:ml-7">
      {status === 'raised' ? (
        <Button disabled={edit.isPending} onClick={to('acknowledged')} title="I am on it">
          <Check size={14} aria-hidden /> Acknowledge
        </Button>
      ) : null}
      {status === 'resolved' ? null : (
        <Button look="quiet" disabled={edit.isPending} onClick={to('resolved')} title="It is over">
          <CheckCheck size={14} aria-hidden /> Resolve
        </Button>
      )}
      {status === 'acknowledged' || (status === 'resolved' && changedBy !== null) ? (
        <Button
          look="quiet"
          square
          aria-label="Raise it again"
          title="Raise it again"
          disabled={edit.isPending}
          onClick={to('raised')}
        >
          <Undo2 size={14} aria-hidden />
        </Button>
      ) : null}
    </div>
  )
}

function nameSeries({ source, key }: { source: string; key: string }): string {
  return source === 'job' ? key : `${key} · ${source}`
}

function describeStatus({ status, changedBy }: Alert): string {
  switch (status) {
    case 'raised':
      return 'raised'
    case 'acknowledged':
      return `acknowledged by ${changedBy ?? 'somebody'}`
    case 'resolved':
      return changedBy === null ? 'resolved' : `resolved by ${changedBy}`
    default:
      return status satisfies never
  }
}

function NoAlerts({ search }: { search: AlertsSearch }) {
  const { mayManage } = useAlertRights()
  const isNarrow = search.status !== undefined || search.level !== undefined || search.job !== undefined
  if (isNarrow) {
    return (
      <Notice title="No such alerts">
        <p>
          None is like this.{' '}
          <Link to="/alerts" search={{}} className="text-accent underline">
            Show those that are open
          </Link>
        </p>
      </Notice>
    )
  }
  return (
    <Notice title="Nothing needs you">
      <p>
        Alerts come from rules, and from scripts that call <code className="font-mono text-12">job.alert(…)</code>.
        Those that are over stand under «Resolved».
      </p>
      {mayManage ? (
        <p>
          <Link to="/alerts" search={{ tab: 'rules' }} className="text-accent underline">
            See the rules
          </Link>
        </p>
      ) : null}
    </Notice>
  )
}
