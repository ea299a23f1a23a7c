import { lazy, Suspense, useState } from 'react'
import type { JobCard, JobStatistics } from '@pilothouse/contract'
import { isEnded, limits } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { Link, useNavigate } from '@tanstack/react-router'
import { Archive, ArchiveRestore, GitCompareArrows, Sigma, Tag, Trash2, X } from 'lucide-react'
import { useCommands } from '../app/commands.ts'
import { useSession } from '../app/services.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import type { JobsSearch } from './jobs-search.ts'
import { useSelection } from './selection.tsx'
import { useBulkEdit } from './use-bulk-edit.ts'
import { countJobs } from './count-jobs.ts'
import { useDeleteJobs } from './use-delete-jobs.ts'
import { writeSearchText } from './write-search-text.ts'

const TagsDialog = lazy(async () => ({ default: (await import('./tags-dialog.tsx')).TagsDialog }))

type BarProps = {
  cards: readonly JobCard[]
  statistics: JobStatistics | undefined
  /** Jobs that match, also those that are not fetched yet. */
  total: number
  search: JobsSearch
}

/** What is picked and what can be done with it. Every button has its key. */
export function SelectionBar({ cards, statistics, total, search }: BarProps) {
  const { uids, turn, pick } = useSelection()
  const { permissions } = useSession()
  const remove = useDeleteJobs()
  const edit = useBulkEdit()
  const [tagging, setTagging] = useState(false)
  const picked = [...uids]
  const isNone = picked.length === 0
  const chosen = cards.filter(({ uid }) => uids.has(uid))
  const areArchived = chosen.length > 0 && chosen.every(({ archivedAt }) => archivedAt !== null)
  const hasEnded = chosen.length < picked.length || chosen.some(({ state }) => isEnded(state))
  const mayChange = permissions.includes('training:manage')
  const mayDelete = permissions.includes('training:admin')
  const navigate = useNavigate()
  const archive = (): void =>
    edit.mutate({ uids: picked, change: { archived: !areArchived } }, { onSuccess: () => turn(false) })
  const deleteThem = (): void => remove.mutate(picked, { onSuccess: () => turn(false) })
  useCommands({
    unpick: () => turn(false),
    ...(canCompare(picked) && { compare: () => void navigate({ to: '/compare', search: { job: picked } }) }),
    ...(!isNone && mayChange && { tags: () => setTagging(true), archive }),
    ...(!isNone && mayDelete && hasEnded && { delete: deleteThem }),
  })
  return (
    <div
      role="group"
      aria-label="Selected jobs"
      className="arrives sticky top-2 z-30 flex flex-wrap items-center gap-1.5 rounded-lg border border-line bg-surface py-1.5 pr-1.5 pl-4 shadow-float"
    >
      <span className="mr-auto" role="status">
        {isNone ? 'Pick jobs' : `${countJobs(picked.length)} selected`}
      </span>
      <Button
        look="quiet"
        disabled={cards.length === 0}
        onClick={() =>
          pick(
            cards.map(({ uid }) => uid),
            true,
          )
        }
      >
        All {cards.length} shown
      </Button>
      <CompareLink uids={picked} />
      <Link
        to="/compare"
        search={{ search: writeSearchText(search) }}
        title="Which settings go with a good result, over all jobs that the list has"
        className={buttonClass()}
      >
        <Sigma size={14} aria-hidden /> All {formatCount(total)} that match
      </Link>
      {mayChange ? (
        <>
          <Button disabled={isNone} title="Tags (t)" onClick={() => setTagging(true)}>
            <Tag size={14} aria-hidden /> Tags
          </Button>
          <Button
            disabled={isNone || edit.isPending}
            title={areArchived ? 'Show them in lists again (e)' : 'Lists leave archived jobs out (e)'}
            onClick={archive}
          >
            {areArchived ? <ArchiveRestore size={14} aria-hidden /> : <Archive size={14} aria-hidden />}
            {areArchived ? 'Bring back' : 'Archive'}
          </Button>
        </>
      ) : null}
      {mayDelete ? (
        <Button
          look="danger"
          title={hasEnded ? 'Delete (Delete)' : 'A job is deleted after it has ended'}
          disabled={isNone || !hasEnded || remove.isPending}
          onClick={deleteThem}
        >
          <Trash2 size={14} aria-hidden /> Delete
        </Button>
      ) : null}
      <Button look="quiet" square aria-label="End selecting" title="End selecting (Escape)" onClick={() => turn(false)}>
        <X size={14} aria-hidden />
      </Button>
      {tagging ? (
        <Suspense fallback={null}>
          <TagsDialog cards={cards} uids={picked} statistics={statistics} onClose={() => setTagging(false)} />
        </Suspense>
      ) : null}
    </div>
  )
}

/** Side by side takes at least two. */
function CompareLink({ uids }: { uids: readonly string[] }) {
  const isOpen = canCompare(uids)
  return (
    <Link
      to="/compare"
      search={{ job: [...uids] }}
      disabled={!isOpen}
      title={isOpen ? 'Side by side (c)' : `${limits.compareJobsMin} to ${limits.compareJobsMax} jobs can be compared`}
      className={`${buttonClass()} ${isOpen ? '' : 'opacity-50'}`}
    >
      <GitCompareArrows size={14} aria-hidden /> Compare
    </Link>
  )
}

function canCompare(uids: readonly string[]): boolean {
  return uids.length >= limits.compareJobsMin && uids.length <= limits.compareJobsMax
}
