import { lazy, Suspense } from 'react'
import { getRouteApi } from '@tanstack/react-router'
import type { Engine } from '@pilothouse/contract'
import { Play, Plus } from 'lucide-react'
import { useCommands } from '../app/commands.ts'
import { usePageName } from '../app/crumbs.tsx'
import { useServerNow, useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { ClientAddress } from './client-address.tsx'
import { EngineCard } from './engine-card.tsx'
import { countEngines, findEngines } from './engine-words.ts'
import { NoEngines } from './no-engines.tsx'
import { ServingList } from './serving-list.tsx'
import { useMayLaunch } from '../launches/use-launches.ts'
import { useCurrency, useEngineRights, useEngines } from './use-engines.ts'
import { StaleLine } from '../ui/stale-line.tsx'
import { CardSkeleton } from '../ui/card-skeleton.tsx'

/** Fetched when somebody opens them. */
const EngineSheet = lazy(async () => ({ default: (await import('./engine-sheet.tsx')).EngineSheet }))
const ServeSheet = lazy(async () => ({ default: (await import('./serve-sheet.tsx')).ServeSheet }))
const ModelsSheet = lazy(async () => ({ default: (await import('./models-sheet.tsx')).ModelsSheet }))

const route = getRouteApi('/frame/engines')
/** Fewer are seen at a glance. */
const searchFrom = 7

/** Where models answer requests, whether they do, and what they have to do. */
export function EnginesPage() {
  usePageName(undefined, 'Engines')
  const { maySee } = useEngineRights()
  return <div className="h-full overflow-y-auto">{maySee ? <Engines /> : <NoPermission />}</div>
}

function Engines() {
  const engines = useEngines()
  const currency = useCurrency()
  const { mayManage } = useEngineRights()
  const navigate = route.useNavigate()
  const add = (): void => void navigate({ search: (before) => ({ ...before, add: 'engine' }) })
  const serve = (): void => void navigate({ search: (before) => ({ ...before, serve: 'model' }) })
  const mayLaunch = useMayLaunch()
  const adding = mayManage ? [{ name: 'Add an engine', run: add }] : []
  useCommands({}, mayLaunch ? [...adding, { name: 'Serve a model', run: serve }] : adding)
  const list = engines.data?.engines
  return (
    <div className="mx-auto flex max-w-[1600px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h1 className="text-20 font-semibold tracking-tight">Engines</h1>
        {list && list.length > 0 ? (
          <p className="text-12 text-muted max-sm:order-last max-sm:basis-full sm:mr-auto">{countEngines(list)}</p>
        ) : null}
        <div className="flex flex-wrap items-center gap-2">
          {mayLaunch ? (
            <Button onClick={serve}>
              <Play size={14} aria-hidden /> Serve a model
            </Button>
          ) : null}
          {mayManage ? (
            <Button look="primary" onClick={add}>
              <Plus size={14} aria-hidden /> Add an engine
            </Button>
          ) : (
            <p className="text-12 text-muted">An admin adds and changes engines.</p>
          )}
        </div>
      </header>
      {list ? (
        <>
          {engines.error ? <StaleLine error={engines.error} readAt={engines.dataUpdatedAt} /> : null}
          <ServingList />
          {list.length === 0 ? <NoEngines /> : <Cards engines={list} currency={currency} />}
          <ClientAddress />
          <OpenSheet engines={list} currency={currency} />
        </>
      ) : engines.error ? (
        <ErrorNotice error={engines.error} onRetry={() => void engines.refetch()} />
      ) : (
        <CardSkeleton grid={grid} label="The engines are on their way" />
      )}
    </div>
  )
}

type ListProps = { engines: readonly Engine[]; currency: string | undefined }

const grid = 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,360px),1fr))] gap-3'

function Cards({ engines, currency }: ListProps) {
  const now = useServerNow(5_000)
  const { q = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const found = findEngines(engines, q)
  const search = (text: string): void =>
    void navigate({ search: ({ q: _before, ...rest }) => (text === '' ? rest : { ...rest, q: text }), replace: true })
  return (
    <>
      {engines.length >= searchFrom || q !== '' ? (
        <SearchField
          label="Find by name, address, state or model"
          text={q}
          onText={search}
          className="w-full max-w-[420px]"
        />
      ) : null}
      {found.length === 0 ? <p className="py-8 text-center text-muted">No engine is like this.</p> : null}
      <ul aria-label="Engines" className={grid}>
        {found.map((engine) => (
          <EngineCard key={engine.id} engine={engine} currency={currency} now={now} />
        ))}
      </ul>
    </>
  )
}

/** The sheet that the address names, for those who may open it. */
function OpenSheet({ engines, currency }: ListProps) {
  const { add, change, models, serve, job, checkpoint } = route.useSearch()
  const mayLaunch = useMayLaunch()
  const served = job === undefined || checkpoint === undefined ? undefined : { jobUid: job, checkpointId: checkpoint }
  const navigate = route.useNavigate()
  const { mayManage } = useEngineRights()
  const close = (): void => void navigate({ search: ({ q }) => (q === undefined ? {} : { q }) })
  const changed = engines.find(({ id }) => id === change)
  const listed = engines.find(({ id }) => id === models)
  return (
    <Suspense fallback={null}>
      {mayManage && add ? <EngineSheet currency={currency} onClose={close} /> : null}
      {mayManage && changed ? (
        <EngineSheet key={changed.id} engine={changed} currency={currency} onClose={close} />
      ) : null}
      {mayLaunch && serve ? <ServeSheet served={served} onClose={close} /> : null}
      {listed ? <ModelsSheet engine={listed} currency={currency} onClose={close} /> : null}
    </Suspense>
  )
}

function NoPermission() {
  const { role } = useSession()
  return (
    <Notice title="Engines are for those who send requests">
      <p>
        You are signed in as {role}. Seeing where models answer needs the permission{' '}
        <code className="font-mono text-12">batch:submit</code>, which members and admins have. An admin can give it.
      </p>
    </Notice>
  )
}
