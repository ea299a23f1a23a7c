/** Builds the page when there is none, or when a source is newer than it; otherwise does nothing. `--force` always builds. */
import { spawnSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'

const built = statSync('packages/web/dist/index.html', { throwIfNoEntry: false })?.mtimeMs ?? 0
const sources = globSync([
  'packages/{web,client,signals,contract}/{src,public}/**/*',
  'packages/web/*.{html,ts,json}',
  'package-lock.json',
])
const newest = Math.max(...sources.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0))

if (process.argv.includes('--force') || newest > built) {
  console.log(built === 0 ? 'Building the page …' : 'The page has changed: building it again …')
  const { status } = spawnSync('vite', ['build', '--logLevel', 'warn'], { cwd: 'packages/web', stdio: 'inherit' })
  process.exitCode = status ?? 1
}
