import { getRouteApi, Link } from '@tanstack/react-router'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { UsagePage } from '@pilothouse/contract'
import { formatBytes, formatCount } from '@pilothouse/signals'
import { useServices } from '../app/services.ts'
import { Button, buttonClass } from '../ui/button.tsx'

const route = getRouteApi('/frame/system')
type Entry = UsagePage['entries'][number]

/** Sizes are measured by the server within minutes: asking more often tells nothing. */
const askEveryMs = 60_000
const pageLimit = 10
/** The page that no cursor leads to. */
const firstPage: string | null = null
const cell = 'h-9 border-t border-line px-3 first:pl-4 last:pr-4'

/** What takes the space: jobs or projects, the largest first. */
export function UsageTable() {
  const by: 'job' | 'project' = route.useSearch().by ?? 'job'
  const { client } = useServices()
  const usage = useInfiniteQuery({
    queryKey: ['usage', by],
    queryFn: async ({ pageParam, signal }) => {
      const query = { by, limit: pageLimit, ...(pageParam === null ? {} : { cursor: pageParam }) }
      return client.call('system.usage', { query, signal })
    },
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
    refetchInterval: askEveryMs,
  })
  const entries = usage.data?.pages.flatMap((page) => page.entries) ?? []
  const total = usage.data?.pages[0]?.totalBytes ?? 0
  return (
    <section aria-label="What takes the space" className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="flex min-h-10 flex-wrap items-center gap-x-4 pr-1.5 pl-4">
        <h2 className="mr-auto font-medium">
          Largest <span className="font-normal text-muted">{usage.data ? `${formatBytes(total)} in all` : ''}</span>
        </h2>
        <nav aria-label="Largest by" className="flex">
          {(['job', 'project'] as const).map((one) => (
            <Link
              key={one}
              to="/system"
              search={one === 'project' ? { by: one } : {}}
              replace
              aria-current={by === one ? 'true' : undefined}
              className={`${buttonClass('quiet')} ${by === one ? 'bg-accent-soft text-accent' : ''}`}
            >
              {one === 'job' ? 'Jobs' : 'Projects'}
            </Link>
          ))}
        </nav>
      </div>
      {usage.error ? (
        <p role="alert" className="border-t border-line px-4 py-3 text-bad">
          The sizes could not be read: {usage.error.message}
        </p>
      ) : null}
      {usage.isPending ? <div className="waits h-40 border-t border-line bg-hover" aria-busy="true" /> : null}
      {entries.length > 0 ? <Entries entries={entries} by={by} total={total} /> : null}
      {usage.data && entries.length === 0 ? (
        <p className="border-t border-line px-4 py-3 text-muted">Nothing is stored yet.</p>
      ) : null}
      {usage.hasNextPage ? (
        <div className="border-t border-line p-1.5 text-center">
          <Button look="quiet" disabled={usage.isFetchingNextPage} onClick={() => void usage.fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </section>
  )
}

function Entries({ entries, by, total }: { entries: readonly Entry[]; by: 'job' | 'project'; total: number }) {
  const heads = [
    ['Name', ''],
    [by === 'job' ? 'Project' : 'Jobs', 'hidden md:table-cell'],
    ['Points', 'hidden text-right sm:table-cell'],
    ['Metrics', 'hidden text-right lg:table-cell'],
    ['Log', 'hidden text-right lg:table-cell'],
    ['Files', 'hidden text-right lg:table-cell'],
    ['Size', 'text-right'],
  ] as const
  return (
    <table className="w-full border-collapse text-left">
      <thead className="text-12 text-faint">
        <tr>
          {heads.map(([name, look]) => (
            <th
              key={name}
              scope="col"
              className={`h-8 border-t border-line px-3 font-normal first:pl-4 last:pr-4 ${look}`}
            >
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <EntryRow key={entry.id} entry={entry} by={by} total={total} />
        ))}
      </tbody>
    </table>
  )
}

function EntryRow({ entry, by, total }: { entry: Entry; by: 'job' | 'project'; total: number }) {
  const look = 'block max-w-[44vw] truncate font-medium hover:underline sm:max-w-80'
  return (
    <tr className="transition-colors hover:bg-hover">
      <td className={cell}>
        {by === 'job' ? (
          <Link to="/job/$uid" params={{ uid: entry.id }} className={look} title={entry.name}>
            {entry.name}
          </Link>
        ) : (
          <Link to="/" search={{ project: [entry.id] }} className={look} title={entry.name}>
            {entry.name}
          </Link>
        )}
      </td>
      <td className={`${cell} hidden max-w-48 truncate text-muted md:table-cell`}>
        {by === 'job' ? entry.project : formatCount(entry.jobs)}
      </td>
      <td className={`${cell} hidden text-right text-muted sm:table-cell`}>{formatCount(entry.points)}</td>
      <td className={`${cell} hidden text-right text-muted lg:table-cell`}>{formatBytes(entry.metricBytes)}</td>
      <td className={`${cell} hidden text-right text-muted lg:table-cell`}>{formatBytes(entry.logBytes)}</td>
      <td className={`${cell} hidden text-right text-muted lg:table-cell`}>{formatBytes(entry.fileBytes)}</td>
      <td className={cell}>
        <div className="flex items-center justify-end gap-3">
          <div className="h-1 w-20 overflow-hidden rounded-full bg-line max-sm:hidden" aria-hidden>
            <div
              className="h-full rounded-full bg-accent"
              style={{ width: `${total > 0 ? (entry.bytes / total) * 100 : 0}%` }}
            />
          </div>
          <span className="w-20 text-right font-medium whitespace-nowrap">{formatBytes(entry.bytes)}</span>
        </div>
      </td>
    </tr>
  )
}
