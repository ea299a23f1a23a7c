import { useSession } from '../app/services.ts'
import { Notice } from '../ui/notice.tsx'

/** Who may not send requests sees who can change that. */
export function NoPermission() {
  const { role } = useSession()
  return (
    <Notice title="Batches are for those who send requests">
      <p>
        You are signed in as {role}. Batches need the permission <code className="font-mono text-12">batch:submit</code>
        , which members and admins have. An admin can give it.
      </p>
    </Notice>
  )
}
