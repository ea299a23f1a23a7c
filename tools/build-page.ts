/** Builds the page when there is none, or when a source is newer than it; otherwise does nothing. `--force` always builds. */
import { spawnSync } from 'node:child_process'
import { findNewest } from './newest.ts'

const built = findNewest(['packages/web/dist/index.html'])
const newest = findNewest([
  'packages/{web,client,signals,contract}/{src,public}/**/*',
  'packages/web/*.{html,ts,json}',
  'package-lock.json',
])

if (process.argv.includes('--force') || newest > built) {
  console.log(built === 0 ? 'Building the page …' : 'The page has changed: building it again …')
  const { status } = spawnSync('vite', ['build', '--logLevel', 'warn'], { cwd: 'packages/web', stdio: 'inherit' })
  process.exitCode = status ?? 1
}
