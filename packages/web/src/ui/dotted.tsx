import type { ReactNode } from 'react'

/** Facts in a line with dots between them; where the line breaks, the dot is clipped instead of beginning the next one. */
export function Dotted({ children, className = '' }: { children: ReactNode; className?: string }) {
  return (
    <div className={`min-w-0 overflow-hidden ${className}`}>
      <div className="-ml-5 flex flex-wrap">{children}</div>
    </div>
  )
}

export function Dot({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <span
      {...(title === undefined ? {} : { title })}
      className="relative max-w-full truncate pl-5 before:absolute before:left-2 before:text-faint before:content-['·']"
    >
      {children}
    </span>
  )
}
