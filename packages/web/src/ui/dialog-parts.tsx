import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { buttonClass } from './button.tsx'
import type { DialogProps } from './dialog.tsx'

/** What stands in an open dialog, and what lies behind it. */
export function DialogParts({ open, onClose, title, children, actions }: DialogProps) {
  return (
    <BaseDialog.Root open={open} onOpenChange={(next) => (next ? undefined : onClose())}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="fixed inset-0 z-40 bg-[oklch(0.2_0.02_260/0.35)] transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <BaseDialog.Popup className="floats fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-32px)] w-[calc(100vw-32px)] max-w-md -translate-x-1/2 -translate-y-1/2 flex-col outline-none">
          <div className="flex items-center justify-between gap-3 px-4 pt-3">
            <BaseDialog.Title className="text-14 font-semibold">{title}</BaseDialog.Title>
            <BaseDialog.Close className={buttonClass('quiet', true)} aria-label="Close">
              <X size={16} aria-hidden />
            </BaseDialog.Close>
          </div>
          <div className="min-h-0 overflow-y-auto px-4 pt-2 pb-4">{children}</div>
          {actions === undefined ? null : (
            <div className="flex justify-end gap-2 border-t border-line px-4 py-3">{actions}</div>
          )}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  )
}
