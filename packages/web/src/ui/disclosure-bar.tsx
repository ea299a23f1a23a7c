import type { ReactNode } from 'react'
import { ChevronRight } from 'lucide-react'

/** The bar that opens a `details` of class `group`. */
export function DisclosureBar({ children }: { children: ReactNode }) {
  return (
    <summary className="flex min-h-9 cursor-pointer list-none flex-wrap items-center gap-x-2 px-4 py-1.5 -outline-offset-2 hover:bg-hover pointer-coarse:min-h-11 [&::-webkit-details-marker]:hidden">
      <ChevronRight size={14} aria-hidden className="shrink-0 text-faint transition-transform group-open:rotate-90" />
      {children}
    </summary>
  )
}
