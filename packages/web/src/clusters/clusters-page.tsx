import { lazy, Suspense } from 'react'
import { getRouteApi, Link } from '@tanstack/react-router'
import { usePageName } from '../app/crumbs.tsx'
import { useServerNow, useSession } from '../app/services.ts'
import { buttonClass } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { ClusterCard } from './cluster-card.tsx'
import { FileFaults } from './file-faults.tsx'
import { HostList } from './host-list.tsx'
import { NoClusters } from './no-clusters.tsx'
import { useClusters } from './use-clusters.ts'

/** Fetched when somebody changes the file. */
const FileSheet = lazy(async () => ({ default: (await import('./file-sheet.tsx')).FileSheet }))
const route = getRouteApi('/frame/clusters')

/** Every cluster, whether it answers, and what is free there. */
export function ClustersPage() {
  usePageName(undefined, 'Clusters')
  const clusters = useClusters()
  const { edit } = route.useSearch()
  const navigate = route.useNavigate()
  const mayChange = useSession().permissions.includes('clusters:manage')
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-[1200px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
        <header className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
          <h1 className="text-20 font-semibold tracking-tight">Clusters</h1>
          {mayChange ? (
            <Link to="/clusters" search={{ edit: 'file' }} className={buttonClass()}>
              Edit clusters.yaml
            </Link>
          ) : null}
        </header>
        <Content clusters={clusters} />
      </div>
      {edit === 'file' ? (
        <Suspense fallback={null}>
          <FileSheet onClose={() => void navigate({ search: {} })} />
        </Suspense>
      ) : null}
    </div>
  )
}

function Content({ clusters: { data, error, refetch } }: { clusters: ReturnType<typeof useClusters> }) {
  const now = useServerNow()
  if (!data) return error ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <Skeleton />
  const { clusters, hosts, file } = data
  return (
    <>
      <FileFaults file={file} />
      {clusters.length === 0 && hosts.length === 0 && file.state !== 'broken' ? <NoClusters file={file} /> : null}
      <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
        {clusters.map((card) => (
          <ClusterCard key={card.name} card={card} now={now} />
        ))}
      </div>
      <HostList hosts={hosts} />
    </>
  )
}

function Skeleton() {
  return (
    <div
      className="waits grid gap-3 md:grid-cols-2 xl:grid-cols-3"
      aria-busy="true"
      aria-label="The clusters are on their way"
    >
      {Array.from({ length: 3 }, (_, at) => (
        <div key={at} className="h-44 rounded-lg border border-line bg-surface" />
      ))}
    </div>
  )
}
