/**
 * Text from a job may hold anything: a sequence that moves the cursor, sets the window's title or writes to the
 * clipboard would act on the terminal of whoever reads it. Colours are kept, everything else is made visible or dropped.
 */

// Operating system commands and other strings (up to their end), then control sequences, then single controls.
const sequences =
  /\u001B[\]PX^_](?:(?!\u0007|\u001B\\).)*(?:\u0007|\u001B\\)?|(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]?|\u001B[ -/]*[0-~]?|[\u0000-\u0008\u000A-\u001F\u007F-\u009F]/gs

const colour = /^\u001B\[[\d;:]*m$/

/** Keeps colours (when `colours` is set) and tabs; drops all other control codes. Colours are closed at the end. */
export function makeHarmless(text: string, { colours }: { colours: boolean }): string {
  let painted = false
  const kept = text.replace(sequences, (sequence) => {
    if (!colours || !colour.test(sequence)) return ''
    painted = true
    return sequence
  })
  return painted ? `${kept}\u001B[0m` : kept
}
