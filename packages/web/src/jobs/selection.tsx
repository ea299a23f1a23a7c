import { createContext, lazy, Suspense, useContext, useMemo, useState, type ReactNode } from 'react'
import type { JobCard, JobStatistics } from '@pilothouse/contract'
import { isEnded, limits } from '@pilothouse/contract/wire'
import { Link, useNavigate } from '@tanstack/react-router'
import { Archive, ArchiveRestore, GitCompareArrows, Tag, Trash2, X } from 'lucide-react'
import { useCommands } from '../app/commands.ts'
import { useSession } from '../app/services.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { useBulkEdit } from './use-bulk-actions.ts'
import { countJobs, useDeleteJobs } from './use-delete-jobs.ts'

const TagsDialog = lazy(async () => ({ default: (await import('./tags-dialog.tsx')).TagsDialog }))

type Selection = {
  isOn: boolean
  uids: ReadonlySet<string>
  turn: (on: boolean) => void
  pick: (uids: readonly string[], on: boolean) => void
}

const nothing: Selection = { isOn: false, uids: new Set(), turn: () => undefined, pick: () => undefined }
const SelectionContext = createContext<Selection>(nothing)

/** Jobs picked from the list, to do something with all of them. */
export function SelectionProvider({ children }: { children: ReactNode }) {
  const [isOn, setOn] = useState(false)
  const [uids, setUids] = useState<ReadonlySet<string>>(nothing.uids)
  const selection = useMemo<Selection>(
    () => ({
      isOn,
      uids,
      turn: (on) => {
        setOn(on)
        setUids(nothing.uids)
      },
      pick: (picked, on) =>
        setUids((before) => {
          const next = on ? [...before, ...picked] : [...before].filter((uid) => !picked.includes(uid))
          return new Set(next.slice(0, limits.bulkJobsMax))
        }),
    }),
    [isOn, uids],
  )
  return <SelectionContext.Provider value={selection}>{children}</SelectionContext.Provider>
}

export function useSelection(): Selection {
  return useContext(SelectionContext)
}

/** The box of one job, while jobs are being picked. Above the link that covers the card. */
export function SelectBox({ card }: { card: JobCard }) {
  const { isOn, uids, pick } = useSelection()
  if (!isOn) return null
  return (
    <input
      type="checkbox"
      aria-label={`Select ${card.name}`}
      checked={uids.has(card.uid)}
      onChange={(event) => pick([card.uid], event.target.checked)}
      className="touchable relative z-10 size-4 shrink-0 accent-(--accent)"
    />
  )
}

type BarProps = { cards: readonly JobCard[]; statistics: JobStatistics | undefined }

/** What is picked and what can be done with it. Every button has its key. */
export function SelectionBar({ cards, statistics }: BarProps) {
  const { isOn } = useSelection()
  return isOn ? <OpenBar cards={cards} statistics={statistics} /> : null
}

function OpenBar({ cards, statistics }: BarProps) {
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
