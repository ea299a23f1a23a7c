/**
 * What a terminal sends when keys are pressed. Sequences and characters may be cut anywhere between two reads: what is not whole
 * yet is kept. Unknown sequences are swallowed, so that none of their letters acts as a key.
 */
export type KeyEvent = { type: 'key'; key: string } | { type: 'paste'; text: string }

/** What was read of a sequence that is not whole. */
export type KeyRest = string

const pasteStart = '\u001B[200~'
const pasteEnd = '\u001B[201~'
/** A paste that never ends is cut here. */
const pasteMax = 64 * 1024
/** No sequence is as long; what is, is none. */
const sequenceMax = 64

const named: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  '1~': 'home',
  '7~': 'home',
  '4~': 'end',
  '8~': 'end',
  '5~': 'pageup',
  '6~': 'pagedown',
  '3~': 'delete',
}

const controls: Readonly<Record<string, string>> = {
  '\u0003': 'ctrl-c',
  '\u0004': 'ctrl-d',
  '\u000C': 'ctrl-l',
  '\u0015': 'ctrl-u',
  '\u001A': 'ctrl-z',
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u0008': 'backspace',
  '\u007F': 'backspace',
}

// A CSI sequence, an SS3 sequence, Alt with a key.
const csi = /^\u001B\[([0-?]*[ -/]*[@-~])/
const ss3 = /^\u001BO(.)/s
const partial = /^\u001B(?:\[[0-?]*[ -/]*|O)?$/

/** Keys in what was kept and what came, and what is to be kept. */
export function decodeKeys(rest: KeyRest, chunk: string): { events: KeyEvent[]; rest: KeyRest } {
  const events: KeyEvent[] = []
  let text = rest + chunk
  while (text !== '') {
    const step = takeKey(text)
    if (step === null) return { events, rest: text }
    if (step.event !== null) events.push(step.event)
    text = text.slice(step.length)
  }
  return { events, rest: '' }
}

/** What is kept when nothing follows it: a lone escape is the key itself, anything else is dropped. */
export function endKeys(rest: KeyRest): KeyEvent[] {
  return rest === '\u001B' ? [{ type: 'key', key: 'escape' }] : []
}

type Step = { event: KeyEvent | null; length: number }

function takeKey(text: string): Step | null {
  if (text.startsWith(pasteStart)) return takePaste(text)
  if (text.startsWith('\u001B')) return takeSequence(text)
  const character = String.fromCodePoint(text.codePointAt(0) ?? 0)
  const control = controls[character]
  if (control !== undefined) return { event: { type: 'key', key: control }, length: 1 }
  const isControl = character < ' ' || (character > '~' && character < '\u00A0')
  return { event: isControl ? null : { type: 'key', key: character }, length: character.length }
}

function takePaste(text: string): Step | null {
  const end = text.indexOf(pasteEnd)
  if (end === -1 && text.length < pasteMax) return null
  const length = end === -1 ? text.length : end + pasteEnd.length
  return {
    event: { type: 'paste', text: text.slice(pasteStart.length, end === -1 ? undefined : end) },
    length,
  }
}

function takeSequence(text: string): Step | null {
  if (partial.test(text)) return text.length > sequenceMax ? { event: null, length: text.length } : null
  const sequence = csi.exec(text) ?? ss3.exec(text)
  if (sequence === null) return takeAlt(text)
  const key = named[stripModifiers(sequence[1] ?? '')]
  return { event: key === undefined ? null : { type: 'key', key }, length: sequence[0].length }
}

/** `ESC ESC` is the key twice; `ESC x` is Alt-x, which means nothing here; `ESC [` with rubbish behind it is dropped. */
function takeAlt(text: string): Step {
  if (text[1] === '\u001B') return { event: { type: 'key', key: 'escape' }, length: 1 }
  return { event: null, length: 1 + String.fromCodePoint(text.codePointAt(1) ?? 0).length }
}

/** `1;5A`, up with Ctrl, is up; `5;2~` is page up. */
function stripModifiers(body: string): string {
  return body.replace(/^1;\d+(?=[A-Z]$)/, '').replace(/;\d+(?=~$)/, '')
}
