/**
 * Menus. A page shows dozens of buttons that open one, and few are ever opened: what a menu is made of (menu-parts.tsx) is
 * fetched when the pointer or the focus comes near, and put in place at the first click.
 */
import { cloneElement, lazy, Suspense, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react'
import type * as MenuParts from './menu-parts.tsx'

export type MenuProps = {
  /** A button; it hands on what it is given. */
  trigger: ReactElement<TriggerProps>
  children: ReactNode
  align?: 'start' | 'end'
  title?: string
}
export type MenuActionProps = { icon?: ReactNode; danger?: boolean; onClick: () => void; children: ReactNode }
export type MenuLinkProps = { icon?: ReactNode; href: string; download?: boolean; children: ReactNode }
export type MenuCheckProps = { checked: boolean; onChange: (checked: boolean) => void; children: ReactNode }
export type MenuChoicesProps<Choice extends string> = {
  value: Choice
  choices: readonly { value: Choice; label: ReactNode }[]
  onChange: (value: Choice) => void
}

type Parts = typeof MenuParts
type TriggerProps = {
  'aria-haspopup'?: 'menu'
  'aria-expanded'?: boolean
  onClick?: () => void
  onKeyDown?: (event: KeyboardEvent) => void
  onPointerEnter?: () => void
  onFocus?: () => void
}

let parts: Parts | undefined

async function loadParts(): Promise<Parts> {
  parts ??= await import('./menu-parts.tsx')
  return parts
}

const OpenedMenu = lazy(async () => ({ default: (await loadParts()).OpenedMenu }))

/** A button that opens a list of actions or choices. */
export function Menu({ trigger, ...menu }: MenuProps) {
  const [isWanted, setWanted] = useState(false)
  const closed = { 'aria-haspopup': 'menu', 'aria-expanded': false } as const
  if (isWanted) {
    return (
      <Suspense fallback={cloneElement(trigger, closed)}>
        <OpenedMenu trigger={trigger} {...menu} />
      </Suspense>
    )
  }
  const prepare = (): void => void loadParts()
  const open = (): void => setWanted(true)
  return cloneElement(trigger, {
    ...closed,
    onPointerEnter: prepare,
    onFocus: prepare,
    onClick: open,
    onKeyDown: (event) => {
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
      event.preventDefault()
      open()
    },
  })
}

export function MenuAction(props: MenuActionProps) {
  const Part = useParts().MenuAction
  return <Part {...props} />
}

export function MenuLink(props: MenuLinkProps) {
  const Part = useParts().MenuLink
  return <Part {...props} />
}

/** One of several that may be on together. */
export function MenuCheck(props: MenuCheckProps) {
  const Part = useParts().MenuCheck
  return <Part {...props} />
}

/** Exactly one of several. */
export function MenuChoices<Choice extends string>(props: MenuChoicesProps<Choice>) {
  const Part = useParts().MenuChoices
  return <Part {...props} />
}

export function MenuLine() {
  const Part = useParts().MenuLine
  return <Part />
}

/** Name of the entries below it. */
export function MenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2 pt-2 pb-1 text-12 text-faint">{children}</div>
}

/** Entries stand in an open menu only, and then its parts are there. */
function useParts(): Parts {
  if (!parts) throw new Error('An entry of a menu stands outside of one.')
  return parts
}
