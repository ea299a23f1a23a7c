import { Writable } from 'node:stream'
import { createPaint } from '@pilothouse/terminal'
import type { Environment, Output, World } from './world.ts'

/** A world for tests: what is written can be read, and signals are sent by `stop`. */
export function makeTestWorld(
  environment: Environment = {},
  answer: string | null = null,
  input: string | null = null,
) {
  const listeners = new Set<(signal: NodeJS.Signals) => void>()
  const [stdout, stderr] = [makeTestOutput(), makeTestOutput()]
  const world: World = {
    environment,
    platform: 'linux',
    home: '/nowhere',
    workingFolder: process.cwd(),
    nodePath: process.execPath,
    now: Date.now,
    ask: () => Promise.resolve(answer),
    readInput: () => Promise.resolve(input),
    outliveReaders: () => undefined,
    stdout,
    stderr,
    onStop(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const stop = (signal: NodeJS.Signals): void => listeners.forEach((listener) => listener(signal))
  return { world, stdout, stderr, stop }
}

function makeTestOutput(): Output & { text(): string } {
  const chunks: Uint8Array[] = []
  return {
    write: (text) => void chunks.push(Buffer.from(text)),
    stream: new Writable({
      write(bytes: Uint8Array, _encoding, done) {
        chunks.push(bytes)
        done()
      },
    }),
    isTerminal: false,
    paint: createPaint({ enabled: false }),
    width: () => 120,
    text: () => Buffer.concat(chunks).toString(),
  }
}
