/**
 * One word of a POSIX shell that means exactly this text.
 * @throws RangeError when it holds a NUL, which no shell can pass on.
 */
export function quoteShell(text: string): string {
  if (text.includes('\0')) throw new RangeError('A word of a shell cannot hold a NUL.')
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** The same for a path; `~/` at its beginning is the home folder of whoever runs the shell. */
export function quotePath(path: string): string {
  if (path === '~') return '"$HOME"'
  return path.startsWith('~/') ? `"$HOME"/${quoteShell(path.slice(2))}` : quoteShell(path)
}
