import type { ReactElement, ReactNode } from 'react'
import { Menu as BaseMenu } from '@base-ui/react/menu'
import { Check } from 'lucide-react'

const itemClass =
  'flex h-8 pointer-coarse:h-11 items-center gap-2 rounded-sm px-2 text-13 outline-none select-none cursor-default data-highlighted:bg-hover'

export type MenuProps = { trigger: ReactElement; children: ReactNode; align?: 'start' | 'end'; title?: string }

/** A button that opens a list of actions or choices. */
export function Menu({ trigger, children, align = 'end', title }: MenuProps) {
  return (
    <BaseMenu.Root modal={false}>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner
          side="bottom"
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 outline-none"
        >
          <BaseMenu.Popup className="floats max-h-(--available-height) min-w-44 overflow-y-auto p-1 outline-none">
            {title === undefined ? null : <div className="px-2 pt-1 pb-1 text-12 text-faint">{title}</div>}
            {children}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  )
}

export function MenuAction({
  icon,
  danger = false,
  onClick,
  children,
}: {
  icon?: ReactNode
  danger?: boolean
  onClick: () => void
  children: ReactNode
}) {
  return (
    <BaseMenu.Item className={`${itemClass} ${danger ? 'text-bad' : ''}`} onClick={onClick}>
      <span className="flex w-4 justify-center text-faint">{icon}</span>
      {children}
    </BaseMenu.Item>
  )
}

export function MenuLink({
  icon,
  href,
  download,
  children,
}: {
  icon?: ReactNode
  href: string
  download?: boolean
  children: ReactNode
}) {
  return (
    <BaseMenu.LinkItem className={itemClass} href={href} {...(download ? { download: true } : {})} closeOnClick>
      <span className="flex w-4 justify-center text-faint">{icon}</span>
      {children}
    </BaseMenu.LinkItem>
  )
}

/** One of several that may be on together. */
export function MenuCheck({
  checked,
  onChange,
  children,
}: {
  checked: boolean
  onChange: (checked: boolean) => void
  children: ReactNode
}) {
  return (
    <BaseMenu.CheckboxItem className={itemClass} checked={checked} onCheckedChange={onChange} closeOnClick={false}>
      <span className="flex w-4 justify-center text-accent">
        <BaseMenu.CheckboxItemIndicator>
          <Check size={14} aria-hidden />
        </BaseMenu.CheckboxItemIndicator>
      </span>
      {children}
    </BaseMenu.CheckboxItem>
  )
}

/** Exactly one of several. */
export function MenuChoices<Choice extends string>({
  value,
  choices,
  onChange,
}: {
  value: Choice
  choices: readonly { value: Choice; label: ReactNode }[]
  onChange: (value: Choice) => void
}) {
  return (
    <BaseMenu.RadioGroup value={value} onValueChange={(next: Choice) => onChange(next)}>
      {choices.map((choice) => (
        <BaseMenu.RadioItem key={choice.value} value={choice.value} className={itemClass} closeOnClick>
          <span className="flex w-4 justify-center text-accent">
            <BaseMenu.RadioItemIndicator>
              <Check size={14} aria-hidden />
            </BaseMenu.RadioItemIndicator>
          </span>
          {choice.label}
        </BaseMenu.RadioItem>
      ))}
    </BaseMenu.RadioGroup>
  )
}

/** Name of the entries below it. */
export function MenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2 pt-2 pb-1 text-12 text-faint">{children}</div>
}

export function MenuLine() {
  return <BaseMenu.Separator className="my-1 h-px bg-line" />
}
