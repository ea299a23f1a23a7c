/** Checks every tracked or new file against `house-rules.ts`; exit code 1 when one is broken. */
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { checkFile, checkTree } from './house-rules.ts'

const listing = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  encoding: 'utf8',
})
const paths = listing.split('\0').filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
const findings = [
  ...checkTree(paths),
  ...paths.flatMap((path) => checkFile({ path, text: readFileSync(path, 'utf8') })),
]

for (const { path, line, message } of findings) console.log(`${path}:${line}: ${message}`)
console.log(`${paths.length} files, ${findings.length} findings`)
process.exitCode = findings.length > 0 || paths.length === 0 ? 1 : 0
