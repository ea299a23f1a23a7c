import { lazy, Suspense, useState } from 'react'
import { useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'

/** Fetched when somebody tests. */
const ConnectionDialog = lazy(async () => ({ default: (await import('./connection-dialog.tsx')).ConnectionDialog }))

/** Goes the way to a cluster or host, for those who may. */
export function TestButton({ name, label }: { name: string; label?: string }) {
  const [isOpen, setOpen] = useState(false)
  if (!useSession().permissions.includes('clusters:manage')) return null
  return (
    <>
      <Button aria-label={label} onClick={() => setOpen(true)}>
        Test the connection
      </Button>
      {isOpen ? (
        <Suspense fallback={null}>
          <ConnectionDialog name={name} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  )
}
