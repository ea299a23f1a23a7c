import { Link, type ErrorComponentProps } from '@tanstack/react-router'
import { buttonClass } from '../ui/button.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'

export function MissingView() {
  return (
    <main>
      <Notice
        title="There is no page at this address"
        actions={
          <Link to="/" className={buttonClass()}>
            All jobs
          </Link>
        }
      >
        <p>It may have moved, or the link is incomplete.</p>
      </Notice>
    </main>
  )
}

export function CrashView({ error, reset }: ErrorComponentProps) {
  return (
    <main>
      <ErrorNotice error={error} onRetry={reset} />
    </main>
  )
}
