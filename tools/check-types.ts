/** Type-checks every package, two at a time; exit code 1 when one has errors. Arguments choose folders. */
import { spawn } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'

const chosen = process.argv.slice(2)
const all = globSync(['packages/*/tsconfig.json', '{bench,tools,examples,lab}/tsconfig.json']).map((path) =>
  path.replace('/tsconfig.json', ''),
)
const folders = (chosen.length > 0 ? chosen.filter((folder) => existsSync(`${folder}/tsconfig.json`)) : all).toSorted()

const failed: string[] = []
const waiting = [...folders]
await Promise.all([drain(), drain()])
console.log(failed.length > 0 ? `wrong: ${failed.join(', ')}` : `${folders.length} folders type-check`)
process.exitCode = failed.length > 0 || folders.length === 0 ? 1 : 0

async function drain(): Promise<void> {
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    if (!(await typeCheck(folder))) failed.push(folder)
  }
}

function typeCheck(folder: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const compiler = spawn('tsc', ['-p', folder, '--pretty', 'false'], { stdio: 'inherit' })
    compiler.once('error', reject)
    compiler.once('exit', (code) => resolve(code === 0))
  })
}
