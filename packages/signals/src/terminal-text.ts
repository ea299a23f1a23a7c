/** Text as programs print it to a terminal, made fit for reading, storing and showing. */

// CSI, OSC, the string commands DCS SOS PM APC, then any other escape. Every loop stops at the next escape, so a text of
// any length is read once. The eight-bit forms are left out: in UTF-8 text they are letters cut in half, not commands.
const escapes =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])?/g

// C0 without tab, DEL, C1; line and paragraph separators; marks that turn the reading direction.
const unsafe = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
const tabWidth = 4

/** Takes colours, cursor movements, window titles and links away. */
export function stripAnsi(text: string): string {
  return text.includes('\u001b') ? text.replace(escapes, '') : text
}

/**
 * What a terminal would still show of each line after its carriage returns: what stands behind the last one. A carriage
 * return at the very end of a line (a progress bar that waits, a Windows line end) does not empty it.
 */
export function collapseCarriageReturns(text: string): string {
  if (!text.includes('\r')) return text
  return text.includes('\n') ? text.split('\n').map(collapseLine).join('\n') : collapseLine(text)
}

/**
 * One line of foreign text that can be written into a terminal screen: no escape sequences, no control characters (their
 * pictures stand in their place), no marks that turn the reading direction; a tab is four spaces.
 */
export function sanitizeForTerminal(text: string): string {
  return stripAnsi(text).replaceAll('\t', ' '.repeat(tabWidth)).replace(unsafe, picture)
}

function collapseLine(line: string): string {
  let end = line.length
  while (end > 0 && line.charCodeAt(end - 1) === 13) end -= 1
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end)
}

function picture(character: string): string {
  const code = character.charCodeAt(0)
  if (code < 32) return String.fromCharCode(0x2400 + code)
  if (code === 127) return '\u2421'
  return code < 160 ? '\ufffd' : ''
}
