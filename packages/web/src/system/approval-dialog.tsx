import { useState } from 'react'
import type { Approval } from '@pilothouse/contract'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { CheckField, CheckList, TextField } from '../ui/fields.tsx'
import { useJobStatistics } from '../jobs/jobs-feed.ts'
import { useSetApproval } from './use-approval.ts'

/** Which projects need an admin's approval: those that there are, and one that there is not yet. */
export function ApprovalDialog({ approval, onClose }: { approval: Approval; onClose: () => void }) {
  const [all, setAll] = useState(approval.all)
  const [projects, setProjects] = useState(approval.projects)
  const [other, setOther] = useState('')
  const set = useSetApproval()
  const known = useJobStatistics().data?.projects ?? []
  const choices = [...new Set([...known, ...approval.projects])].toSorted().map((name) => [name, name] as const)
  const added = other.trim()
  const save = (): void => {
    if (set.isPending) return
    set.mutate({ all, projects: added === '' ? projects : [...projects, added] }, { onSuccess: onClose })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Approval of changes"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={set.isPending} onClick={save}>
            Save
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <p className="text-muted">
          In these projects what members change of parameters, by hand, with a preset or with a new schedule, is
          proposed first. An admin approves it on the page of the job; what admins change is sent at once.
        </p>
        <CheckField label="All projects" isOn={all} onChange={setAll} />
        {all ? null : (
          <>
            <div className="max-h-60 overflow-y-auto">
              <CheckList
                label="Projects"
                values={projects}
                choices={choices}
                onChange={setProjects}
                empty={<span className="text-muted">There is no project yet.</span>}
              />
            </div>
            <TextField label="Another project (optional)" value={other} onChange={setOther} />
          </>
        )}
        {set.error ? (
          <p role="alert" className="wrap-anywhere text-bad">
            {set.error.message}
          </p>
        ) : null}
      </form>
    </Dialog>
  )
}
