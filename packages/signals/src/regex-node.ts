/** A regular expression as it was read: what regex-program.ts writes programs from. */
export type RegexNode =
  | { kind: 'empty' }
  /** `literal`: the one character of ASCII that it holds, in lower case, maybe in both cases. */
  | { kind: 'set'; set: CharacterSet; literal?: string }
  | { kind: 'assert'; what: 'start' | 'end' | 'boundary' | 'inside' }
  | { kind: 'sequence'; parts: RegexNode[] }
  | { kind: 'choice'; options: RegexNode[] }
  | { kind: 'group'; slot: number; inner: RegexNode }
  | { kind: 'repeat'; inner: RegexNode; least: number; most: number; lazy: boolean }

/** Tells whether it holds a character, by its UTF-16 code. */
export type CharacterSet = (code: number) => boolean
