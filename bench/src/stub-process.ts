/**
 * The stand-in for an engine in a process of its own, so that it takes no time of who is measured: `node stub-process.ts OPTIONS`
 * with its options as JSON. Prints its address, ends with its input.
 */
import { startStubEngine, type StubEngineOptions } from '../../lab/stub-engine/start-stub-engine.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as StubEngineOptions // written by this bench
const stub = await startStubEngine(options)
console.log(stub.url)
process.stdin.resume()
process.stdin.once('end', () => process.exit(0))
