import type { InputHTMLAttributes, KeyboardEvent, ReactNode, Ref } from 'react'
import { Search } from 'lucide-react'

type SearchFieldProps = {
  /** Its name, and what stands in it while it is empty. */
  label: string
  text: string
  onText: (text: string) => void
  onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void
  /** Size and place of the whole. */
  className: string
  /** Room for `children` at its end. */
  endClass?: string
  /** What else the input has, as a list of its own to choose from. */
  input?: InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }
  children?: ReactNode
}

/** A field to search or filter what stands below it. */
export function SearchField({
  label,
  text,
  onText,
  onKeyDown,
  className,
  endClass = 'pr-2',
  input = {},
  children,
}: SearchFieldProps) {
  return (
    <div className={`relative ${className}`}>
      <Search
        size={14}
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-faint"
        aria-hidden
      />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={onKeyDown}
        {...input}
        className={`h-7 w-full min-w-0 rounded-md border border-line bg-surface pl-8 text-13 hover:border-line-strong pointer-coarse:h-9 pointer-coarse:text-16 [&::-webkit-search-cancel-button]:hidden ${endClass}`}
      />
      {children}
    </div>
  )
}
