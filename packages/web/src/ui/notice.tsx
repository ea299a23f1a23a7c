import type { ReactNode } from 'react'
import { PilothouseError } from '@pilothouse/contract/wire'
import { Button } from './button.tsx'

/** A page or panel that has something to say instead of something to show. */
export function Notice({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="mx-auto flex w-full max-w-lg flex-col gap-2 px-4 py-10">
      <h2 className="text-16 font-semibold">{title}</h2>
      <div className="flex flex-col gap-3 text-muted">{children}</div>
      {actions === undefined ? null : <div className="mt-2 flex gap-2">{actions}</div>}
    </div>
  )
}

/** What happened, why, and what to do. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const known = error instanceof PilothouseError ? error : undefined
  return (
    <div role="alert">
      <Notice title={titleOf(known)} actions={onRetry ? <Button onClick={onRetry}>Try again</Button> : undefined}>
        <p className="wrap-anywhere">{known?.message ?? (error instanceof Error ? error.message : String(error))}</p>
        {known ? <p className="wrap-anywhere">{known.hint}</p> : null}
      </Notice>
    </div>
  )
}

function titleOf(error: PilothouseError | undefined): string {
  switch (error?.code) {
    case 'unavailable':
      return 'The server does not answer'
    case 'notFound':
      return 'Not found'
    case 'forbidden':
      return 'You may not see this'
    default:
      return 'This could not be shown'
  }
}
