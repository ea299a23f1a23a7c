import { useId, type ReactNode } from 'react'

type PanelProps = {
  title: string
  /** What stands at the end of its head. */
  aside?: ReactNode
  /** Where a link leads to it. */
  anchor?: string
  children: ReactNode
}

/** A part of a page under its name. */
export function Panel({ title, aside, anchor, children }: PanelProps) {
  const id = useId()
  return (
    <section id={anchor} aria-labelledby={id} className="min-w-0 scroll-mt-4 rounded-lg border border-line bg-surface">
      <header className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5 sm:px-4">
        <h2 id={id} className="mr-auto font-medium">
          {title}
        </h2>
        {aside}
      </header>
      {children}
    </section>
  )
}
