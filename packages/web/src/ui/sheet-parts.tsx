import { useRef } from 'react'
import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { buttonClass } from './button.tsx'
import type { SheetProps } from './sheet.tsx'

/** What stands in an open sheet, and what lies behind it. */
export function SheetParts({ open, onClose, title, children, footer, wide = false }: SheetProps) {
  const popup = useRef<HTMLDivElement>(null)
  return (
    <BaseDialog.Root open={open} onOpenChange={(next) => (next ? undefined : onClose())}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="fixed inset-0 z-40 bg-[oklch(0.2_0.02_260/0.35)] transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <BaseDialog.Popup
          ref={popup}
          initialFocus={popup}
          className={`fixed inset-y-0 right-0 z-50 flex w-full flex-col border-line bg-surface shadow-float transition-[translate,opacity] outline-none data-ending-style:translate-x-6 data-ending-style:opacity-0 data-starting-style:translate-x-6 data-starting-style:opacity-0 sm:border-l ${wide ? 'sm:w-[min(960px,calc(100vw-52px))]' : 'sm:w-[min(560px,calc(100vw-52px))]'}`}
        >
          <div className="flex h-12 shrink-0 items-center justify-between gap-3 border-b border-line pr-2.5 pl-4 sm:pl-6">
            <BaseDialog.Title className="text-14 font-semibold">{title}</BaseDialog.Title>
            <BaseDialog.Close className={buttonClass('quiet', true)} aria-label="Close">
              <X size={16} aria-hidden />
            </BaseDialog.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
          {footer === undefined ? null : (
            <div className="shrink-0 border-t border-line px-4 py-3 pb-[max(12px,env(safe-area-inset-bottom))] sm:px-6">
              {footer}
            </div>
          )}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  )
}
