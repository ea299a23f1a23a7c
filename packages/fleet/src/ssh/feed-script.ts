/** Scripts that read what comes behind them on the same standard input. */
import { Readable } from 'node:stream'

/**
 * A shell that reads a script up to a line that its first line names, and runs it on what follows: a shell that reads its
 * script from standard input by itself reads ahead. Its quotes mean the same to every login shell.
 */
export const feedCommand = `sh -c '${[
  'n=$(printf "\\n."); n=${n%.}; s=',
  'IFS= read -r e',
  'while IFS= read -r l && [ "$l" != "$e" ]; do s=$s$l$n; done',
  'eval "$s"',
].join('; ')}'`

/** The script, a mark that does not stand in it, and what it is to read. */
export function leadIn(script: string, mark: string, input: Readable): Readable {
  return Readable.from(join(Buffer.from(`${mark}\n${script}\n${mark}\n`), input))
}

async function* join(first: Buffer, rest: Readable): AsyncGenerator<Buffer> {
  yield first
  for await (const chunk of rest) yield Buffer.from(chunk)
}
