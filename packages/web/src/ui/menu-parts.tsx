/** What menus are made of: fetched with the first one that somebody is about to open. */
import { Menu as BaseMenu } from '@base-ui/react/menu'
import { Check } from 'lucide-react'
import type { MenuActionProps, MenuCheckProps, MenuChoicesProps, MenuLinkProps, MenuProps } from './menu.tsx'

const itemClass =
  'flex h-8 pointer-coarse:h-11 items-center gap-2 rounded-sm px-2 text-13 outline-none select-none cursor-default data-highlighted:bg-hover'

/** A menu that is open as soon as it is there, with the button that opens it again. */
export function OpenedMenu({ trigger, children, align = 'end', title }: MenuProps) {
  return (
    <BaseMenu.Root modal={false} defaultOpen>
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

export function MenuAction({ icon, danger = false, onClick, children }: MenuActionProps) {
  return (
    <BaseMenu.Item className={`${itemClass} ${danger ? 'text-bad' : ''}`} onClick={onClick}>
      <span className="flex w-4 justify-center text-faint">{icon}</span>
      {children}
    </BaseMenu.Item>
  )
}

export function MenuLink({ icon, href, download, children }: MenuLinkProps) {
  return (
    <BaseMenu.LinkItem className={itemClass} href={href} {...(download ? { download: true } : {})} closeOnClick>
      <span className="flex w-4 justify-center text-faint">{icon}</span>
      {children}
    </BaseMenu.LinkItem>
  )
}

export function MenuCheck({ checked, onChange, children }: MenuCheckProps) {
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

export function MenuChoices<Choice extends string>({ value, choices, onChange }: MenuChoicesProps<Choice>) {
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

export function MenuLine() {
  return <BaseMenu.Separator className="my-1 h-px bg-line" />
}
