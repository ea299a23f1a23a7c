import { lazy, Suspense, useState, type ReactNode } from 'react'

const DialogParts = lazy(async () => ({ default: (await import('./dialog-parts.tsx')).DialogParts }))

export type DialogProps = {
  open: boolean
  onClose: () => void
  title: string
  children: ReactNode
  /** Buttons below; the last one is what one came for. */
  actions?: ReactNode
}

/** Something to decide or to read before going on. Fetched when the first one opens. */
export function Dialog(props: DialogProps) {
  const [wasOpen, setWasOpen] = useState(props.open)
  if (props.open && !wasOpen) setWasOpen(true)
  if (!wasOpen) return null
  return (
    <Suspense fallback={null}>
      <DialogParts {...props} />
    </Suspense>
  )
}
