import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { WheelSource } from './make-wheel.ts'
import type { ZipFile } from './write-zip.ts'

/** What of `src/` belongs to the package; everything else there was left by a Python that ran it, or by an editor. */
const packageFile = /(?:\.py|[/\\]py\.typed)$/

/** Reads the SDK from a folder with `pyproject.toml`, `README.md`, `LICENSE` and `src/`. */
export async function readSdk(folder: string): Promise<WheelSource> {
  const [pyproject, readme, licence, files] = await Promise.all([
    readFile(join(folder, 'pyproject.toml'), 'utf8'),
    readFile(join(folder, 'README.md'), 'utf8'),
    readFile(join(folder, 'LICENSE')),
    readPackage(join(folder, 'src')),
  ])
  return { pyproject, readme, licence, files }
}

async function readPackage(folder: string): Promise<ZipFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(
    paths
      .filter((path) => packageFile.test(path))
      .map(async (path) => ({
        path: relative(folder, path).split(sep).join('/'),
        bytes: await readFile(path),
      })),
  )
}
