/**
 * The menu of saved views, for any page whose state stands in its address:
 *
 *   const open = (search: string) => void navigate({ search: readMySearch(parseSearch(search)), replace: true })
 *   <ViewsMenu page="metrics" project={job.project} search={formatSearch(search).slice(1)} plainName="All metrics" open={open} />
 *
 * `search` is what is kept: leave out of it what should not come back, such as an open sheet. Where a member may choose a
 * view that the page opens with, the page also calls `useDefaultView`. A page whose state does not stand in its address says
 * by `own` what is kept of it.
 */
import { lazy, Suspense, useEffect, useState } from 'react'
import type { View, ViewPage } from '@pilothouse/contract'
import { Bookmark, BookmarkPlus, Check, ChevronDown, Link2, ListTree, Save, Users } from 'lucide-react'
import { useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { copyLink } from '../ui/copy-link.ts'
import { Menu, MenuAction, MenuLabel, MenuLine } from '../ui/menu.tsx'
import { mayChangeView, nameViews, type OwnState, useViewChanges, useViews } from './use-views.ts'

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
  open: (search: string, view?: View) => void
  own?: OwnState
}

export function ViewsMenu({ page, project, search, plainName, open, own }: ViewsMenuProps) {
  // Of presets all are listed: with one its project is chosen.
  const views = useViews(page, own ? undefined : project)
  const session = useSession()
  const { edit } = useViewChanges()
  const [dialog, setDialog] = useState<'save' | 'manage'>()
  const [openedId, setOpenedId] = useState<number>()
  const all = views.data ?? []
  const key = own?.key ?? ((one: string) => one)
  const same = all.find((view) => key(view.search) === key(search))
  const opened = same ?? all.find(({ id }) => id === openedId)
  useEffect(() => {
    if (same) setOpenedId(same.id)
    else if (search === '') setOpenedId(undefined)
  }, [same, search])
  const isChanged = opened !== undefined && same === undefined
  const show = (view: View): void => {
    setOpenedId(view.id)
    open(view.search, view)
  }
  const noun = nameViews(page)
  const [title, plural] = noun === 'view' ? ['View', 'Views'] : ['Preset', 'Presets']
  const belongs = own ? { project: project ?? null } : {}
  const groups = [
    { name: `My ${noun}s`, list: all.filter(({ owner }) => owner.id === session.member.id) },
    { name: 'Shared by others', list: all.filter(({ owner }) => owner.id !== session.member.id) },
  ]
  return (
    <>
      <Menu
        align="start"
        trigger={
          <Button
            look={opened ? 'plain' : 'quiet'}
            aria-label={opened ? `${title}: ${opened.name}${isChanged ? ' changed' : ''}` : plural}
            title={plural}
          >
            <Bookmark size={14} aria-hidden />
            <span className="max-w-32 truncate">{opened?.name ?? plural}</span>
            {isChanged ? <span className="font-normal text-faint"> changed</span> : null}
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
                  {own && view.project !== null ? (
                    <span className="max-w-32 truncate text-12 text-faint">{view.project}</span>
                  ) : null}
                  {view.isShared ? <Users size={12} className="text-faint" aria-label="Shared" /> : null}
                </MenuAction>
              ))}
            </div>
          ),
        )}
        <MenuLine />
        {own?.hindrance === undefined ? null : <p className="max-w-64 px-2 py-1 text-12 text-muted">{own.hindrance}</p>}
        {isChanged && own?.hindrance === undefined && mayChangeView(opened, session) ? (
          <MenuAction icon={<Save size={14} />} onClick={() => edit.mutate({ id: opened.id, search, ...belongs })}>
            <span className="max-w-64 truncate">Overwrite «{opened.name}»</span>
          </MenuAction>
        ) : null}
        {own?.hindrance === undefined ? (
          <MenuAction icon={<BookmarkPlus size={14} />} onClick={() => setDialog('save')}>
            {own ? 'Save as a preset…' : 'Save this view…'}
          </MenuAction>
        ) : null}
        {all.length > 0 ? (
          <MenuAction icon={<ListTree size={14} />} onClick={() => setDialog('manage')}>
            Manage {noun}s…
          </MenuAction>
        ) : null}
        {own ? null : (
          <MenuAction icon={<Link2 size={14} />} onClick={() => void copyLink(window.location.href)}>
            Copy link to this view
          </MenuAction>
        )}
      </Menu>
      {dialog === undefined ? null : (
        <Suspense fallback={null}>
          {dialog === 'save' ? (
            <SaveViewDialog
              draft={{ page, search, ...(project === undefined ? {} : { project }) }}
              taken={all}
              onClose={() => setDialog(undefined)}
              onSaved={(view) => {
                setOpenedId(view.id)
                own?.onSaved(view)
              }}
              {...(own ? { own } : {})}
            />
          ) : (
            <ManageViewsDialog
              page={page}
              views={all}
              onClose={() => setDialog(undefined)}
              open={show}
              {...(own ? { own } : {})}
            />
          )}
        </Suspense>
      )}
    </>
  )
}
