/** Those whose names hold all words, whose name begins with the text first, else in their order. Pure. */
export function rankByName<Item extends { name: string }>(items: readonly Item[], text: string): Item[] {
  const lower = text.trim().toLowerCase()
  const words = lower.split(/\s+/).filter(Boolean)
  const found = items.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
  const begins = ({ name }: Item): boolean => name.toLowerCase().startsWith(lower)
  return [...found.filter(begins), ...found.filter((item) => !begins(item))]
}
