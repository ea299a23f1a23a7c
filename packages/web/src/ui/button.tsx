import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'

type Look = 'plain' | 'quiet' | 'primary' | 'danger'

const looks: Record<Look, string> = {
  plain: 'border border-line bg-surface text-text hover:bg-hover hover:border-line-strong',
  quiet: 'border border-transparent text-muted hover:bg-hover hover:text-text',
  primary: 'border border-transparent bg-accent text-on-accent hover:bg-accent-strong',
  danger: 'border border-transparent bg-bad text-on-accent hover:opacity-90',
}

export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: Look
  /** Square, with a picture only: then `aria-label` says what it does. */
  square?: boolean
  children: ReactNode
  ref?: Ref<HTMLButtonElement>
}

/** Class of a button, for links that look like one. */
export function buttonClass(look: Look = 'plain', square = false): string {
  const size = square ? 'w-7 justify-center' : 'px-2.5'
  return `touchable inline-flex h-7 shrink-0 items-center gap-1.5 rounded-md text-13 font-medium whitespace-nowrap transition-colors select-none disabled:opacity-50 disabled:pointer-events-none data-popup-open:bg-hover data-popup-open:text-text aria-pressed:bg-accent-soft aria-pressed:text-accent ${size} ${looks[look]}`
}

export function Button({ look = 'plain', square = false, className = '', type = 'button', ...rest }: ButtonProps) {
  return <button type={type} className={`${buttonClass(look, square)} ${className}`} {...rest} />
}
