import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The folder that holds, beside the program, the Python SDK and the examples: the root of a checkout, or the package as
 * it was installed.
 */
export const house = findHouse(dirname(fileURLToPath(import.meta.url)))

/** Where the Python SDK lies, or null in an installation without it. */
export function findSdk(): string | null {
  const folder = join(house, 'python')
  return holdsSdk(house) ? folder : null
}

/** The nearest folder above with the SDK; without any, the program's own. */
function findHouse(start: string): string {
  let folder = start
  while (!holdsSdk(folder) && dirname(folder) !== folder) folder = dirname(folder)
  return holdsSdk(folder) ? folder : start
}

function holdsSdk(folder: string): boolean {
  return existsSync(join(folder, 'python', 'pyproject.toml'))
}
