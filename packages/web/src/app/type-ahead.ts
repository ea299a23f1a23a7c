/** Keeps what is typed between the wish for a field and the moment when the field is there; no other key acts meanwhile. */
export type TypeAhead = {
  text: string
  /** Enter was pressed behind it. */
  isEntered: boolean
}

let typed: TypeAhead | undefined

/** From here on letters are kept. */
export function startTypeAhead(): void {
  if (typed) return
  typed = { text: '', isEntered: false }
  window.addEventListener('keydown', keep, { capture: true })
}

/** The field is there: what was typed so far, and the end of keeping. */
export function takeTypeAhead(): TypeAhead {
  const taken = typed ?? { text: '', isEntered: false }
  typed = undefined
  window.removeEventListener('keydown', keep, { capture: true })
  return taken
}

function keep(event: KeyboardEvent): void {
  if (!typed || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'Enter') typed.isEntered = true
  else if (event.key === 'Backspace') typed.text = typed.text.slice(0, -1)
  else if (event.key.length === 1) typed.text += event.key
  else return
  event.preventDefault()
  event.stopImmediatePropagation()
}
