import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import type { Engine } from '@pilothouse/contract'
import { formatCount, formatDuration } from '@pilothouse/signals'
import { formatExactTime } from '../app/format-clock-time.ts'
import { CopyButton } from '../ui/copyable.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { EngineActions } from './engine-actions.tsx'
import { EngineSign } from './engine-sign.tsx'
import { countModels, describeTokens, listFigures, listModelRows, nameKind } from './engine-words.ts'
import { ModelLine } from './model-line.tsx'
import { useEngineRights } from './use-engines.ts'

/** What began just now; less is not told. */
const shortestMs = 1_000
/** Models on a card; the sheet has all. */
const modelsShown = 3

type CardProps = { engine: Engine; currency: string | undefined; now: number }

/** An engine at a glance, with what can be done to it. */
export function EngineCard({ engine, currency, now }: CardProps) {
  const { name, health } = engine
  return (
    <li className="flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-surface p-3">
      <div>
        <div className="flex items-center gap-2">
          <h2 className="min-w-0 flex-1 truncate text-14 font-medium" title={name}>
            {name}
          </h2>
          <span className="flex items-center gap-1.5 text-12">
            <EngineSign state={health.state} />
            {health.since === null ? null : <Since at={health.since} now={now} />}
          </span>
        </div>
        <Address engine={engine} />
      </div>
      <Trouble engine={engine} />
      <Figures engine={engine} />
      <Models engine={engine} currency={currency} />
      <Lineage engine={engine} />
      <Facts engine={engine} now={now} />
      {useEngineRights().mayManage ? <EngineActions engine={engine} /> : null}
    </li>
  )
}

function Since({ at, now }: { at: number; now: number }) {
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={`since ${formatExactTime(at)}`}
      className="whitespace-nowrap text-muted"
    >
      for {formatDuration(Math.max(shortestMs, now - at))}
    </time>
  )
}

function Address({ engine: { name, baseUrl } }: { engine: Engine }) {
  return (
    <div className="flex items-center gap-1 py-0.5 text-12 text-muted">
      <span className="min-w-0 font-mono wrap-anywhere">{baseUrl}</span>
      <CopyButton text={baseUrl} label={`Copy the address of ${name}`} />
    </div>
  )
}

/** An engine that missed one look is still healthy, and this says so. */
function Trouble({ engine: { health } }: { engine: Engine }) {
  if (health.trouble === null) return null
  const tone = health.state === 'failing' ? 'bg-bad-soft text-bad' : 'bg-warn-soft text-warn'
  return (
    <p className={`rounded-md px-2.5 py-1.5 wrap-anywhere ${tone}`}>
      {health.state === 'healthy' ? 'The last look was in vain: ' : ''}
      {health.trouble}
    </p>
  )
}

/** Of one that is paused they would be old. */
function Figures({ engine: { name, figures, isPaused } }: { engine: Engine }) {
  const all = figures === null || isPaused ? [] : listFigures(figures)
  if (all.length === 0) return null
  return (
    <dl aria-label={`Queue of ${name}`} className="flex rounded-md bg-sunken">
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

function Models({ engine, currency }: Omit<CardProps, 'now'>) {
  const { id, name, models, health } = engine
  const rows = listModelRows(engine)
  if (rows.length === 0) {
    return (
      <p className="text-muted">
        {health.state === 'healthy' ? 'It lists no model: nothing can be asked of it.' : 'No model of it is known yet.'}
      </p>
    )
  }
  return (
    <div>
      <ul aria-label={`Models of ${name}`}>
        {rows.slice(0, modelsShown).map((row) => (
          <ModelLine key={row.model} row={row} currency={currency} />
        ))}
      </ul>
      {rows.length > modelsShown ? (
        <Link
          from="/engines"
          to="/engines"
          search={(before) => ({ ...before, models: id })}
          className="touchable rounded-sm text-12 text-accent underline"
        >
          All {countModels(models.length)}
          <span className="sr-only"> of {name}</span>
        </Link>
      ) : null}
    </div>
  )
}

/** Whose checkpoint it answers with. */
function Lineage({ engine: { serving } }: { engine: Engine }) {
  if (!serving) return null
  const { jobUid, checkpointId } = serving
  if (jobUid === null || checkpointId === null) return <p className="text-12 text-muted">Started from here.</p>
  return (
    <p className="text-12 text-muted">
      Started from here, with{' '}
      <Link
        to="/job/$uid"
        params={{ uid: jobUid }}
        search={{ tab: 'checkpoints', checkpoint: String(checkpointId) }}
        className="touchable rounded-sm text-accent underline"
      >
        a checkpoint of {jobUid}
      </Link>
      .
    </p>
  )
}

function Facts({ engine, now }: { engine: Engine; now: number }) {
  const { figures, isPaused, concurrencyMax, hasKey, health } = engine
  const tokens = figures === null || isPaused ? undefined : describeTokens(figures)
  const facts: ReactNode[] = [
    ...(figures === null ? [] : [nameKind(figures)]),
    ...(tokens === undefined ? [] : [`${tokens} since it started`]),
    concurrencyMax === null ? 'limit found out by itself' : `at most ${formatCount(concurrencyMax)} at once`,
    ...(hasKey ? ['with a key'] : []),
    ...(engine.areModelsGiven ? ['models named by hand'] : []),
    ...(engine.prices.length > 0 ? ['prices of a million tokens'] : []),
  ]
  return (
    <Dotted className="mt-auto text-12 text-muted">
      {facts.map((fact, at) => (
        <Dot key={at}>{fact}</Dot>
      ))}
      {health.checkedAt === null ? null : (
        <Dot>
          looked at <TimeAgo at={health.checkedAt} now={now} />
        </Dot>
      )}
    </Dotted>
  )
}
