/** Keeps what is typed between the wish for a field and the moment when the field is there; no other key acts meanwhile. */
let typed: string | undefined

/** From here on letters are kept. */
export function startTypeAhead(): void {
  if (typed !== undefined) return
  typed = ''
  window.addEventListener('keydown', keep, { capture: true })
}

/** The field is there: what was typed so far, and the end of keeping. */
export function takeTypeAhead(): string {
  const text = typed ?? ''
  typed = undefined
  window.removeEventListener('keydown', keep, { capture: true })
  return text
}

function keep(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return
  event.preventDefault()
  event.stopImmediatePropagation()
  typed = (typed ?? '') + event.key
}
