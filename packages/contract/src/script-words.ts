/** Words of a command line as text, and values in the grammar of Hydra's overrides. */

const plainWord = /^[\w@%+=:,./-]+$/

/** One word as a POSIX shell reads it back: for people who copy a command line. Nothing here is given to a shell. */
export function quoteWord(word: string): string {
  return plainWord.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

export function joinWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ')
}

/** Words that somebody has written, quoted as in a shell, but with nothing replaced: `$(x)` is five letters. */
export function splitWords(text: string): { words: string[] } | { message: string } {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at)
    if (quote !== '') {
      if (letter === quote) quote = ''
      else if (quote === '"' && letter === '\\' && /["\\]/.test(text.charAt(at + 1))) word += text.charAt((at += 1))
      else word += letter
    } else if (letter === '"' || letter === "'") {
      quote = letter
      word ??= ''
    } else if (letter === '\\' && at + 1 < text.length) word = (word ?? '') + text.charAt((at += 1))
    else if (!/\s/.test(letter)) word = (word ?? '') + letter
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  if (quote !== '') return { message: `A quote ${quote} has no end.` }
  return { words: word === undefined ? words : [...words, word] }
}

/** Texts that Hydra reads as themselves: no number, boolean or null, no character with a meaning, no space at its ends. */
const plainHydra = /^(?!(?:true|false|null|[+-]?(?:inf|nan))$)[a-z_/][\w/.@%?|+-]*$/i

/** Plain text as a value that Hydra reads back as exactly this text. `${…}` in it stays an interpolation. */
export function quoteHydra(text: string): string {
  if (plainHydra.test(text)) return text
  // Backslashes count double only before a quote, and the closing one is one.
  const escaped = text.replaceAll(/(\\*)('|$)/g, (_, slashes: string, quote: string) =>
    quote === '' ? slashes + slashes : `${slashes}${slashes}\\'`,
  )
  return `'${escaped}'`
}

/** The text that a value of Hydra stands for, where it is one primitive; undefined for lists, objects and functions. */
export function unquoteHydra(value: string): string | undefined {
  const quote = value.charAt(0)
  if (value.length > 1 && (quote === "'" || quote === '"') && value.endsWith(quote)) {
    const pattern = quote === "'" ? /(\\+)('|$)/g : /(\\+)("|$)/g
    return value
      .slice(1, -1)
      .replaceAll(pattern, (_, slashes: string, end: string) => '\\'.repeat(slashes.length >> 1) + end)
  }
  if (/^[[{]|^\w+\s*\(/.test(value)) return undefined
  return value.replaceAll(/\\([\\()[\]{}:=, \t])/g, '$1')
}
