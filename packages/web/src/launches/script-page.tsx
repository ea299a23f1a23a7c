import { useState } from 'react'
import { getRouteApi } from '@tanstack/react-router'
import { usePageName } from '../app/crumbs.tsx'
import { useSession } from '../app/services.ts'
import { Notice } from '../ui/notice.tsx'
import { type ScriptChoice, noArguments } from './script-draft.ts'
import { ScriptForm } from './script-form.tsx'

const route = getRouteApi('/frame/projects/$id/script')

/** The arguments of a script, to be set and copied. */
export function ScriptPage() {
  const { id } = route.useParams()
  const { permissions, role } = useSession()
  const [choice, setChoice] = useState<ScriptChoice>({ script: '', interpreter: '', arguments: noArguments })
  usePageName('Arguments', 'Arguments')
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-[960px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
        {permissions.includes('launches:create') ? (
          <>
            <h1 className="text-20 font-semibold tracking-tight">Arguments of a script</h1>
            <ScriptForm projectId={Number(id)} value={choice} onChange={setChoice} />
          </>
        ) : (
          <Notice title="Scripts are for those who launch">
            <p>You are signed in as {role}. An admin can give a role that may launch.</p>
          </Notice>
        )}
      </div>
    </div>
  )
}
