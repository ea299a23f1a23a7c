import { usePageName } from '../app/crumbs.tsx'
import { useServerNow } from '../app/services.ts'
import { ErrorNotice } from '../ui/notice.tsx'
import { ClusterCard } from './cluster-card.tsx'
import { FileFaults } from './file-faults.tsx'
import { HostList } from './host-list.tsx'
import { NoClusters } from './no-clusters.tsx'
import { useClusters } from './use-clusters.ts'

/** Every cluster, whether it answers, and what is free there. */
export function ClustersPage() {
  usePageName(undefined, 'Clusters')
  const clusters = useClusters()
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-[1200px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
        <h1 className="text-20 font-semibold tracking-tight">Clusters</h1>
        <Content clusters={clusters} />
      </div>
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
