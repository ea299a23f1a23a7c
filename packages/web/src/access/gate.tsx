import type { ReactNode } from 'react'
import { useEffect } from 'react'
import { useQuery } from '@tanstack/react-query'
import { PilothouseError } from '@pilothouse/contract/wire'
import { SessionProvider, useLiveStatus, useServices } from '../app/services.ts'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { SignInView } from './sign-in-page.tsx'

/** Nothing of the page is shown before it is known who asks. */
export function Gate({ children }: { children: ReactNode }) {
  const { client, live } = useServices()
  const { state } = useLiveStatus()
  const session = useQuery({
    queryKey: ['session'],
    queryFn: async ({ signal }) => client.call('access.session', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const { refetch } = session
  // A line that does not come back may be a session that has ended.
  useEffect(() => {
    if (state === 'offline') void refetch()
  }, [state, refetch])
  useEffect(() => {
    if (session.data) live.reconnect()
  }, [session.data, live])

  const code = session.error instanceof PilothouseError ? session.error.code : undefined
  if (code === 'unauthenticated' || code === 'expired') return <SignInView expired={code === 'expired'} />
  if (!session.data) {
    return session.error ? <ErrorNotice error={session.error} onRetry={() => void refetch()} /> : <Skeleton />
  }
  if (!session.data.permissions.includes('training:view')) return <NoPermission role={session.data.role} />
  return <SessionProvider value={session.data}>{children}</SessionProvider>
}

function NoPermission({ role }: { role: string }) {
  return (
    <main>
      <Notice title="Your role does not include the page">
        <p>
          You are signed in as {role}, which may report jobs and not see them. Seeing needs the permission{' '}
          <code className="font-mono text-12">training:view</code>.
        </p>
        <p>
          An admin of this server can give you a role that carries it, or a link to sign in with: they run{' '}
          <code className="font-mono text-12">pilothouse link</code>.
        </p>
      </Notice>
    </main>
  )
}

function Skeleton() {
  return (
    <div className="waits h-dvh" aria-busy="true">
      <div className="h-12 border-b border-line bg-surface" />
    </div>
  )
}
