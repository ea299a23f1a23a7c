import { basename, extname } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Where tests find the threads built: loading the hundreds of sources of one takes three times as long. */
const built = process.env['PILOTHOUSE_THREADS']

/**
 * The file that a thread begins with. Run from source it is a .ts file below this folder; in the built program all entries
 * lie beside each other.
 * @param path below `src`, without an ending.
 */
export function findThread(path: string): URL {
  if (built !== undefined) return pathToFileURL(`${built}/${basename(path)}.js`)
  const isSource = extname(new URL(import.meta.url).pathname) === '.ts'
  return new URL(isSource ? `./${path}.ts` : `./${basename(path)}.js`, import.meta.url)
}
