/**
 * Puts text on the clipboard. Pages without https have no clipboard of their own; there the old command does it.
 * @throws Error when the browser allows neither.
 */
export async function copyText(text: string): Promise<void> {
  // In pages without https the browser leaves this out, whatever its types say.
  const clipboard = navigator.clipboard as Clipboard | undefined
  if (clipboard) return clipboard.writeText(text)
  if (!copyBySelection(text)) throw new Error('The browser does not let this page copy.')
}

/** A field out of sight beside the focused element, so that a dialog does not pull the focus back before the copy. */
function copyBySelection(text: string): boolean {
  const focused = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.style.cssText = 'position:fixed;opacity:0;pointer-events:none'
  ;(focused?.parentElement ?? document.body).append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return done
}
