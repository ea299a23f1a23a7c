import { getRouteApi, Link } from '@tanstack/react-router'
import type { ClusterAvailability } from '@pilothouse/contract'
import { usePageName } from '../app/crumbs.tsx'
import { useServerNow } from '../app/services.ts'
import { buttonClass } from '../ui/button.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { ClusterSign } from './cluster-sign.tsx'
import { ClusterTrouble } from './cluster-trouble.tsx'
import { gpuGroupings, type GpuGrouping } from './clusters-search.ts'
import { GpuTable } from './gpu-table.tsx'
import { StartPanel } from './start-panel.tsx'
import { TestButton } from './test-button.tsx'
import { UsageSection } from '../usage/usage-section.tsx'
import { useCluster } from './use-clusters.ts'

const route = getRouteApi('/frame/clusters/$name')

/** What is free on a cluster, and where a job could start. */
export function ClusterPage() {
  const { name } = route.useParams()
  usePageName(name, `${name} · Clusters`)
  const { data, error, refetch } = useCluster(name)
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-[1200px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
        {data ? (
          <Content key={name} name={name} cluster={data} isStale={error !== null} />
        ) : error ? (
          <ErrorNotice error={error} onRetry={() => void refetch()} />
        ) : (
          <Skeleton name={name} />
        )}
      </div>
    </div>
  )
}

type ContentProps = { name: string; cluster: ClusterAvailability; isStale: boolean }

function Content({ name, cluster: { status, availability }, isStale }: ContentProps) {
  const now = useServerNow()
  return (
    <>
      <header className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3">
            <h1 className="min-w-0 text-20 font-semibold tracking-tight wrap-anywhere">{name}</h1>
            <ClusterSign state={status.state} />
          </div>
          <Dotted className="text-muted">
            <Dot>Slurm</Dot>
            <Dot title={status.host}>{status.host === 'local' ? 'this machine' : status.host}</Dot>
            {status.readAt === null ? null : (
              <Dot>
                asked <TimeAgo at={status.readAt} now={now} />
              </Dot>
            )}
            {isStale ? <Dot>the server does not answer</Dot> : null}
          </Dotted>
        </div>
        <TestButton name={name} />
      </header>
      <ClusterTrouble status={status} now={now} />
      {availability === null ? (
        status.state === 'unread' ? (
          <Waiting />
        ) : null
      ) : (
        <>
          <StartPanel name={name} types={availability.types} />
          <Tables availability={availability} />
        </>
      )}
      <History name={name} />
    </>
  )
}

/** Jobs that named it as their target, whether it answers now or not. */
function History({ name }: { name: string }) {
  const { history } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <UsageSection
      of={{ target: name }}
      frame={history}
      onFrame={(frame) =>
        void navigate({
          search: ({ history: _, ...rest }) => (frame === undefined ? rest : { ...rest, history: frame }),
          replace: true,
        })
      }
    />
  )
}

const words: Record<GpuGrouping, string> = { type: 'Types', partition: 'Partitions', node: 'Nodes' }

function Tables({ availability }: { availability: NonNullable<ClusterAvailability['availability']> }) {
  const { by = 'type', ...search } = route.useSearch()
  const { name } = route.useParams()
  return (
    <section aria-label="GPUs" className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="flex min-h-10 flex-wrap items-center gap-x-4 pr-1.5 pl-4">
        <h2 className="mr-auto font-medium">GPUs</h2>
        <nav aria-label="GPUs by" className="flex">
          {gpuGroupings.map((one) => (
            <Link
              key={one}
              to="/clusters/$name"
              params={{ name }}
              search={one === 'type' ? search : { ...search, by: one }}
              replace
              aria-current={by === one ? 'true' : undefined}
              className={`${buttonClass('quiet')} ${by === one ? 'bg-accent-soft text-accent' : ''}`}
            >
              {words[one]}
            </Link>
          ))}
        </nav>
      </div>
      <GpuTable availability={availability} by={by} />
    </section>
  )
}

/** The server has the first answer of the cluster within seconds, or says why not. */
function Waiting() {
  return (
    <div aria-busy="true" className="flex flex-col gap-3">
      <p className="text-muted">The cluster is being asked. A first connection takes a few seconds.</p>
      <div className="h-40 rounded-lg border border-line bg-surface" />
    </div>
  )
}

function Skeleton({ name }: { name: string }) {
  return (
    <>
      <h1 className="text-20 font-semibold tracking-tight wrap-anywhere">{name}</h1>
      <Waiting />
    </>
  )
}
