const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** How long a completion window is, ms. `text` is one that the contract took: a number with s, m, h or d behind it. */
export function readWindow(text: string): number {
  const unit = Object.entries(unitMs).find(([name]) => text.endsWith(name))
  return Number.parseInt(text, 10) * (unit?.[1] ?? 0)
}
