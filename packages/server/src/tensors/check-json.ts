import { TensorFileError } from './tensor-file-error.ts'

export type JsonBounds = {
  /** Lists and objects within each other. */
  depthMax: number
  /** Lists and objects altogether. */
  containersMax: number
  /** Items of all of them; about, since it counts commas. */
  itemsMax: number
}

const quotes = 0x22
const comma = 0x2c
const openList = 0x5b
const escape = 0x5c
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/**
 * Looks over JSON before it is parsed: a hundred megabytes of brackets would be gigabytes of empty lists, and minutes
 * of memory being looked through for what can be freed.
 * @throws TensorFileError `tooLarge`
 */
export function checkJson(bytes: Uint8Array, { depthMax, containersMax, itemsMax }: JsonBounds): void {
  let depth = 0
  let containers = 0
  let items = 0
  let isText = false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (isText) {
      if (byte === escape) at += 1
      else if (byte === quotes) isText = false
    } else if (byte === quotes) isText = true
    else if (byte === comma) items += 1
    else if (byte === openList || byte === openObject) {
      depth += 1
      containers += 1
      if (depth > depthMax) throw new TensorFileError('tooLarge', `Its JSON nests deeper than ${depthMax} levels.`)
    } else if (byte === closeList || byte === closeObject) depth -= 1
  }
  if (containers > containersMax || items > itemsMax)
    throw new TensorFileError(
      'tooLarge',
      `Its JSON has ${containers} lists and objects with ${items} items, more than are read.`,
    )
}
