/** Colour for a terminal, as the sixteen colours that its own theme decides. */

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const

export type PaintStyle = keyof typeof codes
/** Puts a text into a colour, or leaves it as it is where there is none. */
export type Paint = (style: PaintStyle, text: string) => string

/** Makes a paint; `enabled` is false without a terminal and where NO_COLOR is set. */
export function createPaint({ enabled }: { enabled: boolean }): Paint {
  if (!enabled) return (_style, text) => text
  return (style, text) => `\u001B[${codes[style][0]}m${text}\u001B[${codes[style][1]}m`
}
