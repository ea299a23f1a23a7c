import { useState } from 'react'
import { Bookmark, Trash2 } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/fields.tsx'
import { Menu, MenuAction, MenuLabel, MenuLine } from '../ui/menu.tsx'
import { showToast } from '../ui/toasts.tsx'
import type { BatchDraft } from './batch-draft.ts'
import { useTemplates } from './batch-templates.ts'

type BarProps = { draft: BatchDraft; onApply: (draft: BatchDraft) => void }

/** Settings under a name, kept in this browser. */
export function TemplateBar({ draft, onApply }: BarProps) {
  const { templates, put, remove } = useTemplates()
  const [isSaving, setSaving] = useState(false)
  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button look="quiet">
            <Bookmark size={14} aria-hidden /> Templates
          </Button>
        }
      >
        {templates.length === 0 ? <MenuLabel>None yet, in this browser</MenuLabel> : <MenuLabel>Use</MenuLabel>}
        {templates.map(({ name, draft: kept }) => (
          <MenuAction key={name} onClick={() => onApply(kept)}>
            {name}
          </MenuAction>
        ))}
        <MenuLine />
        <MenuAction icon={<Bookmark size={14} aria-hidden />} onClick={() => setSaving(true)}>
          Keep these settings …
        </MenuAction>
        {templates.map(({ name }) => (
          <MenuAction key={name} danger icon={<Trash2 size={14} aria-hidden />} onClick={() => remove(name)}>
            Forget {name}
          </MenuAction>
        ))}
      </Menu>
      {isSaving ? (
        <SaveDialog
          names={templates.map(({ name }) => name)}
          onClose={() => setSaving(false)}
          onSave={(name) => {
            put({ name, draft })
            setSaving(false)
            showToast({ words: `These settings are kept as «${name}» in this browser.` })
          }}
        />
      ) : null}
    </>
  )
}

type SaveProps = { names: readonly string[]; onClose: () => void; onSave: (name: string) => void }

function SaveDialog({ names, onClose, onSave }: SaveProps) {
  const [name, setName] = useState('')
  const chosen = name.trim()
  const save = (): void => (chosen === '' ? undefined : onSave(chosen))
  return (
    <Dialog
      open
      onClose={onClose}
      title="Keep these settings"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={chosen === ''} onClick={save}>
            {names.includes(chosen) ? 'Replace template' : 'Keep template'}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <TextField
          label="Name"
          value={name}
          autoFocus
          placeholder="nightly evaluation"
          hint="Endpoint, model, time, priority and order; without the file"
          onChange={setName}
        />
      </form>
    </Dialog>
  )
}
