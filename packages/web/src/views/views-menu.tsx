/**
 * The menu of saved views, for any page whose state stands in its address:
 *
 *   const open = (search: string) => void navigate({ search: readMySearch(parseSearch(search)), replace: true })
 *   <ViewsMenu page="metrics" project={job.project} search={formatSearch(search).slice(1)} plainName="All metrics" open={open} />
 *
 * `search` is what is kept: leave out of it what should not come back, such as an open sheet. Where a member may choose a
 * view that the page opens with, the page also calls `useDefaultView`.
 */
import { lazy, Suspense, useEffect, useState } from 'react'
import type { View, ViewPage } from '@pilothouse/contract'
import { Bookmark, BookmarkPlus, Check, ChevronDown, Link2, ListTree, Save, Users } from 'lucide-react'
import { useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { copyLink } from '../ui/copy-link.ts'
import { Menu, MenuAction, MenuLabel, MenuLine } from '../ui/menu.tsx'
import { mayChangeView, useViewChanges, useViews } from './use-views.ts'

const SaveViewDialog = lazy(async () => ({ default: (await import('./view-dialogs.tsx')).SaveViewDialog }))
const ManageViewsDialog = lazy(async () => ({ default: (await import('./view-dialogs.tsx')).ManageViewsDialog }))

export type ViewsMenuProps = {
  page: ViewPage
  /** The project that new views belong to, where the page is about one. */
  project?: string
  /** The view as it stands: what is behind «?» in the address. */
  search: string
  /** Name of the page without any view. */
  plainName: string
  open: (search: string) => void
}

export function ViewsMenu({ page, project, search, plainName, open }: ViewsMenuProps) {
  const views = useViews(page, project)
  const session = useSession()
  const { edit } = useViewChanges()
  const [dialog, setDialog] = useState<'save' | 'manage'>()
  const [openedId, setOpenedId] = useState<number>()
  const all = views.data ?? []
  const same = all.find((view) => view.search === search)
  const opened = same ?? all.find(({ id }) => id === openedId)
  useEffect(() => {
    if (same) setOpenedId(same.id)
    else if (search === '') setOpenedId(undefined)
  }, [same, search])
  const isChanged = opened !== undefined && same === undefined
  const show = (view: View): void => {
    setOpenedId(view.id)
    open(view.search)
  }
  const groups = [
    { name: 'My views', list: all.filter(({ owner }) => owner.id === session.member.id) },
    { name: 'Shared by others', list: all.filter(({ owner }) => owner.id !== session.member.id) },
  ]
  return (
    <>
      <Menu
        align="start"
        trigger={
          <Button
            look={opened ? 'plain' : 'quiet'}
            aria-label={opened ? `View: ${opened.name}` : 'Views'}
            title="Views"
          >
            <Bookmark size={14} aria-hidden />
            <span className="max-w-32 truncate">{opened?.name ?? 'Views'}</span>
            {isChanged ? <span className="font-normal text-faint">changed</span> : null}
            <ChevronDown size={12} className="text-faint" aria-hidden />
          </Button>
        }
      >
        {views.isError ? <p className="max-w-64 px-2 py-1 text-bad">{views.error.message}</p> : null}
        <MenuAction icon={search === '' ? <Check size={14} className="text-accent" /> : null} onClick={() => open('')}>
          {plainName}
        </MenuAction>
        {groups.map(({ name, list }) =>
          list.length === 0 ? null : (
            <div key={name} role="group" aria-label={name}>
              <MenuLabel>{name}</MenuLabel>
              {list.map((view) => (
                <MenuAction
                  key={view.id}
                  icon={view.id === same?.id ? <Check size={14} className="text-accent" /> : null}
                  onClick={() => show(view)}
                >
                  <span className="max-w-64 flex-1 truncate">{view.name}</span>
                  {view.isShared ? <Users size={12} className="text-faint" aria-label="Shared" /> : null}
                </MenuAction>
              ))}
            </div>
          ),
        )}
        <MenuLine />
        {isChanged && mayChangeView(opened, session) ? (
          <MenuAction icon={<Save size={14} />} onClick={() => edit.mutate({ id: opened.id, search })}>
            <span className="max-w-64 truncate">Overwrite «{opened.name}»</span>
          </MenuAction>
        ) : null}
        <MenuAction icon={<BookmarkPlus size={14} />} onClick={() => setDialog('save')}>
          Save this view…
        </MenuAction>
        {all.length > 0 ? (
          <MenuAction icon={<ListTree size={14} />} onClick={() => setDialog('manage')}>
            Manage views…
          </MenuAction>
        ) : null}
        <MenuAction icon={<Link2 size={14} />} onClick={() => void copyLink(window.location.href)}>
          Copy link to this view
        </MenuAction>
      </Menu>
      {dialog === undefined ? null : (
        <Suspense fallback={null}>
          {dialog === 'save' ? (
            <SaveViewDialog
              draft={{ page, search, ...(project === undefined ? {} : { project }) }}
              taken={all}
              onClose={() => setDialog(undefined)}
              onSaved={({ id }) => setOpenedId(id)}
            />
          ) : (
            <ManageViewsDialog views={all} onClose={() => setDialog(undefined)} open={show} />
          )}
        </Suspense>
      )}
    </>
  )
}
