/** The screen as a process: the five machines of the other tests, in the terminal that it is started in. */
import { runTop } from './run-top.ts'
import { fiveRows, noon, options, TestSource } from './screen.fixture.ts'

const source = new TestSource()
const ended = runTop({
  source,
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  now: () => noon,
  options,
  environment: process.env,
  signals: process,
})
source.tell({ type: 'rows', rows: fiveRows, at: noon })
if (process.argv[2] === 'crash') {
  setImmediate(() => {
    throw new Error('a crash that nobody caught')
  })
}
if (process.argv[2] === 'busy') {
  setInterval(() => source.tell({ type: 'event', at: noon, level: 'info', text: 'An epoch is complete.' }), 10)
}
process.exitCode = await ended
process.exit()
