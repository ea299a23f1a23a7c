import { useId, useState, type ReactNode } from 'react'
import type { View, ViewCreate, ViewPage } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'
import { Link2, Pencil, Star, Trash2, Users } from 'lucide-react'
import { useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { copyLink } from '../ui/copy-link.ts'
import { Dialog } from '../ui/dialog.tsx'
import { CheckField } from '../ui/fields.tsx'
import { showToast } from '../ui/toasts.tsx'
import { mayChangeView, nameViews, type OwnState, useViewChanges } from './use-views.ts'

type SaveProps = {
  draft: { page: ViewPage; search: string; project?: string }
  taken: readonly View[]
  onClose: () => void
  onSaved: (view: View) => void
  own?: OwnState
}

/** A name for what is on screen. A name that one has used already overwrites that view, and says so before. */
export function SaveViewDialog({ draft, taken, onClose, onSaved, own }: SaveProps) {
  const session = useSession()
  const { create, edit } = useViewChanges()
  const [name, setName] = useState('')
  const [isShared, setShared] = useState(false)
  const [isDefault, setDefault] = useState(false)
  const field = useId()
  const mayShare = session.permissions.includes('training:manage')
  const noun = nameViews(draft.page)
  const project = draft.project ?? null
  const known = taken.find(
    (view) => view.name === name.trim() && view.owner.id === session.member.id && (!own || view.project === project),
  )
  const isPending = create.isPending || edit.isPending
  const done = (view: View): void => {
    showToast({ words: `${own ? 'Preset' : 'View'} «${view.name}» saved.` })
    onSaved(view)
    onClose()
  }
  const save = (): void => {
    if (name.trim() === '' || isPending) return
    const chosen = { ...(isShared ? { isShared } : {}), ...(isDefault ? { isDefault } : {}) }
    if (known) edit.mutate({ id: known.id, search: draft.search, ...chosen }, { onSuccess: done })
    else create.mutate({ ...draft, name: name.trim(), ...chosen } satisfies ViewCreate, { onSuccess: done })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={own ? 'Save as a preset' : 'Save this view'}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={name.trim() === '' || isPending} onClick={save}>
            {known ? 'Overwrite' : 'Save'}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          // React hands it on to the form of the page that the dialog is opened from.
          event.stopPropagation()
          save()
        }}
      >
        <label htmlFor={field} className="flex flex-col gap-1">
          <span className="text-12 text-muted">Name</span>
          <input
            id={field}
            autoFocus
            value={name}
            maxLength={limits.viewNameLengthMax}
            onChange={(event) => setName(event.target.value)}
            className="h-8 rounded-md border border-line-strong bg-surface px-2 pointer-coarse:h-11 pointer-coarse:text-16"
          />
        </label>
        {mayShare ? (
          <CheckField label="Share it with everybody who may see training" isOn={isShared} onChange={setShared} />
        ) : null}
        {own ? null : <CheckField label="Open this page with it" isOn={isDefault} onChange={setDefault} />}
        <p className="text-12 text-muted">
          {known
            ? `A ${noun} of yours has this name: it will be overwritten.`
            : own
              ? own.kept
              : draft.project === undefined
                ? 'Search, filters, order and columns are kept as they stand.'
                : `It is kept as it stands, for jobs of the project ${draft.project}.`}
        </p>
        {create.error ? (
          <p role="alert" className="text-bad">
            {create.error.message}
          </p>
        ) : null}
      </form>
    </Dialog>
  )
}

type ManageProps = {
  page: ViewPage
  views: readonly View[]
  onClose: () => void
  open: (view: View) => void
  own?: OwnState
}

/** All views of the page: names, who sees them, which one it opens with, and away with them. */
export function ManageViewsDialog({ page, views, onClose, open, own }: ManageProps) {
  const title = nameViews(page) === 'view' ? 'Views' : 'Presets'
  return (
    <Dialog open onClose={onClose} title={title}>
      {views.length === 0 ? (
        <p className="text-muted">
          {own
            ? 'No preset is left. «Save as a preset» keeps the form as it stands.'
            : 'No view is left. «Save this view» keeps the page as it stands.'}
        </p>
      ) : (
        <ul className="-mx-1 flex flex-col" aria-label={title}>
          {views.map((view) => (
            <ViewRow
              key={view.id}
              view={view}
              {...(own ? { own } : {})}
              open={() => {
                onClose()
                open(view)
              }}
            />
          ))}
        </ul>
      )}
    </Dialog>
  )
}

function ViewRow({ view, open, own }: { view: View; open: () => void; own?: OwnState }) {
  const session = useSession()
  const { edit, remove } = useViewChanges()
  const [draft, setDraft] = useState<string>()
  const mayChange = mayChangeView(view, session)
  const mayShare = mayChange && session.permissions.includes('training:manage')
  const rename = (): void => {
    const name = draft?.trim()
    setDraft(undefined)
    if (name && name !== view.name) edit.mutate({ id: view.id, name })
  }
  const address = `${window.location.origin}${window.location.pathname}${view.search === '' ? '' : `?${view.search}`}`
  const link = own ? own.link(view) : address
  return (
    <li className="flex min-h-9 flex-wrap items-center gap-1 rounded-md px-1 hover:bg-hover">
      {draft === undefined ? (
        <button
          type="button"
          className="touchable flex min-w-0 flex-1 items-baseline gap-2 rounded-sm px-1 text-left"
          title={view.name}
          onClick={open}
        >
          <span className="truncate font-medium">{view.name}</span>
          {view.owner.id === session.member.id ? null : <span className="text-12 text-faint">{view.owner.name}</span>}
          {own && view.project !== null ? (
            <span className="max-w-32 truncate text-12 text-faint">{view.project}</span>
          ) : null}
        </button>
      ) : (
        <input
          autoFocus
          aria-label={`New name of ${view.name}`}
          value={draft}
          maxLength={limits.viewNameLengthMax}
          onChange={(event) => setDraft(event.target.value)}
          onFocus={(event) => event.target.select()}
          onBlur={rename}
          onKeyDown={(event) => {
            if (event.key === 'Enter') rename()
            if (event.key !== 'Escape') return
            event.stopPropagation()
            setDraft(undefined)
          }}
          className="h-7 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-2"
        />
      )}
      <span className="flex shrink-0">
        {own ? null : (
          <Tool
            name={view.isDefault ? `Do not open the page with ${view.name}` : `Open the page with ${view.name}`}
            isOn={view.isDefault}
            onClick={() => edit.mutate({ id: view.id, isDefault: !view.isDefault })}
          >
            <Star size={14} fill={view.isDefault ? 'currentColor' : 'none'} aria-hidden />
          </Tool>
        )}
        {mayShare ? (
          <Tool
            name={view.isShared ? `Keep ${view.name} to its owner` : `Share ${view.name} with everybody`}
            isOn={view.isShared}
            onClick={() => edit.mutate({ id: view.id, isShared: !view.isShared })}
          >
            <Users size={14} aria-hidden />
          </Tool>
        ) : null}
        <Tool name={`Copy link to ${view.name}`} onClick={() => void copyLink(link)}>
          <Link2 size={14} aria-hidden />
        </Tool>
        {mayChange ? (
          <>
            <Tool name={`Rename ${view.name}`} onClick={() => setDraft(view.name)}>
              <Pencil size={14} aria-hidden />
            </Tool>
            <Tool name={`Delete ${view.name}`} onClick={() => remove.mutate(view)}>
              <Trash2 size={14} aria-hidden />
            </Tool>
          </>
        ) : null}
      </span>
    </li>
  )
}

type ToolProps = { name: string; isOn?: boolean; onClick: () => void; children: ReactNode }

function Tool({ name, isOn, onClick, children }: ToolProps) {
  return (
    <Button look="quiet" square aria-label={name} title={name} aria-pressed={isOn} onClick={onClick}>
      {children}
    </Button>
  )
}
