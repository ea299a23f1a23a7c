import { z } from 'zod'
import { limits } from './limits.ts'

/** The name under which a script logs something. */
export const reportKey = z.string().min(1).refine(fitsKey, `a key of at most ${limits.keyBytesMax} bytes`)

function fitsKey(text: string): boolean {
  return text.length * 3 <= limits.keyBytesMax || new TextEncoder().encode(text).length <= limits.keyBytesMax
}
