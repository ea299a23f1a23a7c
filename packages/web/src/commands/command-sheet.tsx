import { useInfiniteQuery } from '@tanstack/react-query'
import type { CommandPage, Job } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { useServerNow, useServices } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { CommandItem } from './command-item.tsx'

const pageLimit = 50
/** The first page is the one that no cursor leads to. */
const firstPage: number | null = null

/** All that a job was told, newest first, and what became of it. */
export function CommandSheet({ job, onClose }: { job: Job; onClose: () => void }) {
  const { client } = useServices()
  const now = useServerNow(1_000)
  const { uid } = job
  const found = useInfiniteQuery({
    queryKey: ['commands', uid, 'all'],
    queryFn: async ({ pageParam, signal }): Promise<CommandPage> => {
      const query = { limit: pageLimit, ...(pageParam === null ? {} : { cursor: pageParam }) }
      return client.call('commands.list', { params: { uid }, query, signal })
    },
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
  })
  const list = found.data?.pages.flatMap(({ commands }) => commands)
  return (
    <Sheet open title="What it was told" onClose={onClose}>
      {found.error && !list ? <ErrorNotice error={found.error} onRetry={() => void found.refetch()} /> : null}
      {list?.length === 0 ? (
        <p className="px-4 py-6 text-muted sm:px-6">
          Nothing yet. What people tell the job while it runs stands here: changes of parameters, checkpoints, going
          back, pausing and stopping, each with who wanted it and what came of it.
        </p>
      ) : null}
      <ol aria-label="Commands">
        {list?.map((command) => (
          <CommandItem key={command.id} command={command} now={now} />
        ))}
      </ol>
      {found.hasNextPage ? (
        <div className="px-4 py-3 sm:px-6">
          <Button onClick={() => void found.fetchNextPage()}>
            Older ones, of {formatCount(found.data?.pages[0]?.total ?? 0)}
          </Button>
        </div>
      ) : null}
    </Sheet>
  )
}
