/** JSONL files below folders that whoever runs the server named. Nothing else of its machine is told or read. */
import { type FileHandle, constants, open, readdir, realpath, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type Dataset, type DatasetList, PilothouseError, limits } from '@pilothouse/contract'
import { isInside } from '@pilothouse/fleet'

const ending = '.jsonl'

/** All files, by name; links are not followed. A folder that cannot be read has none. */
export async function listDatasets(folders: readonly string[]): Promise<DatasetList> {
  const datasets: Dataset[] = []
  for (const [at, folder] of folders.entries()) {
    for await (const path of walk(folder, limits.datasetDepthMax)) {
      if (datasets.length >= limits.datasetsShown) return { datasets: sort(datasets), isCut: true }
      const found = await describe(path, { folder, at })
      if (found) datasets.push(found)
    }
  }
  return { datasets: sort(datasets), isCut: false }
}

/**
 * Opens one by its id, to be closed by whoever opens it.
 * @throws PilothouseError `notFound`, also for what lies outside of the folders, whichever way leads there
 */
export async function openDataset(
  folders: readonly string[],
  id: string,
): Promise<{ name: string; bytes: number; handle: FileHandle }> {
  const [number = '', ...parts] = id.split('/')
  const folder = /^\d+$/.test(number) ? folders[Number(number)] : undefined
  const name = parts.join('/')
  if (folder === undefined || !name.endsWith(ending) || name.includes('\0')) throw notFound(id)
  const [root, path] = await Promise.all([realpath(folder), realpath(join(folder, name))]).catch(() => ['', ''])
  if (!path || !root || !isInside(path, [root]) || !path.endsWith(ending)) throw notFound(id)
  // What is no file, such as a pipe, would make the opening wait.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null)
  if (!handle) throw notFound(id)
  const about = await handle.stat()
  if (about.isFile()) return { name: parts.at(-1) ?? name, bytes: about.size, handle }
  await handle.close()
  throw notFound(id)
}

async function* walk(folder: string, depth: number): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isFile() && entry.name.endsWith(ending)) yield path
    else if (entry.isDirectory() && depth > 1) yield* walk(path, depth - 1)
  }
}

async function describe(path: string, { folder, at }: { folder: string; at: number }): Promise<Dataset | null> {
  const about = await stat(path).catch(() => null)
  const name = relative(folder, path)
  return about && { id: `${at}/${name}`, name, folder, bytes: about.size, changedAt: about.mtimeMs }
}

function sort(datasets: Dataset[]): Dataset[] {
  return datasets.toSorted((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id))
}

function notFound(id: string): PilothouseError {
  return new PilothouseError('notFound', `There are no results «${id}».`, {
    field: 'model',
    hint: 'GET /api/discover lists them; PILOTHOUSE_RESULT_FOLDERS names the folders that they may lie in.',
  })
}
