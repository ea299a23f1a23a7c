/** A sentence in which what stands between backticks is code. */
export function CodeWords({ words }: { words: string }) {
  return words.split('`').map((part, at) =>
    at % 2 === 1 ? (
      <code key={at} className="rounded-sm bg-sunken px-1 py-px font-mono text-12">
        {part}
      </code>
    ) : (
      part
    ),
  )
}
