import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { escapeWide } from './escape-wide.ts'

/** What is loaded if it happens to be installed, and is never part of the package. */
const absent = ['pg-native']

/**
 * Builds the command and its threads, with everything that they import, as JavaScript for Node. All files lie in one
 * folder: a thread is found beside the file that starts it. Not minified: an error in the field names its function.
 * @throws Error when something cannot be bundled: a warning here would be a crash at a user's.
 */
export async function bundleProgram(folder: string): Promise<void> {
  const troubles: string[] = []
  const bundle = await rolldown({
    input: {
      launch: 'packages/app/src/launch.ts',
      main: 'packages/app/src/main.ts',
      top: 'packages/app/src/top/top.ts',
      'storage-thread': 'packages/server/src/storage/storage-thread.ts',
      'copy-thread': 'packages/server/src/copies/copy-thread.ts',
      'tensor-thread': 'packages/server/src/tensors/tensor-thread.ts',
      'work-thread': 'packages/server/src/work/work-thread.ts',
      'check-thread': 'packages/server/src/batches/check-thread.ts',
    },
    platform: 'node',
    external: absent,
    onLog: (level, log) => {
      if (level === 'warn') troubles.push(log.message)
    },
  })
  const names = { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' }
  await bundle.write({
    dir: folder,
    format: 'esm',
    sourcemap: false,
    comments: { legal: true, annotation: false, jsdoc: false }, // V8 holds the source while it runs
    ...names,
  })
  await bundle.close()
  // Not within the bundler, which prints strings once more after its plugins.
  for (const path of readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(folder, name)))
    writeFileSync(path, escapeWide(readFileSync(path, 'utf8')))
  chmodSync(join(folder, 'launch.js'), 0o755)
  if (troubles.length > 0) throw new Error(`The program does not bundle cleanly:\n${troubles.join('\n')}`)
}
