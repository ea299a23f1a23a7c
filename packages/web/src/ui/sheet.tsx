import { lazy, Suspense, useState, type ReactNode } from 'react'

const SheetParts = lazy(async () => ({ default: (await import('./sheet-parts.tsx')).SheetParts }))

export type SheetProps = {
  open: boolean
  onClose: () => void
  title: string
  children: ReactNode
  footer?: ReactNode
  /** For what needs the room: pictures, wide rows. */
  wide?: boolean
}

/** Something to work through beside the page: from the right, on a phone over all of it. Fetched when the first one opens. */
export function Sheet(props: SheetProps) {
  const [wasOpen, setWasOpen] = useState(props.open)
  if (props.open && !wasOpen) setWasOpen(true)
  if (!wasOpen) return null
  return (
    <Suspense fallback={null}>
      <SheetParts {...props} />
    </Suspense>
  )
}
