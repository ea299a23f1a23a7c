import type { ReactNode } from 'react'

/** One numbered thing to do. */
export function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <li className="grid grid-cols-[24px_minmax(0,1fr)] gap-x-3 [counter-increment:step] before:flex before:size-6 before:items-center before:justify-center before:rounded-full before:border before:border-line before:text-12 before:text-muted before:content-[counter(step)]">
      <div className="flex min-w-0 flex-col gap-2.5 text-muted">
        <h3 className="leading-6 font-medium text-text">{title}</h3>
        {children}
      </div>
    </li>
  )
}

export function Code({ children }: { children: string }) {
  return <code className="font-mono text-12 text-text">{children}</code>
}
