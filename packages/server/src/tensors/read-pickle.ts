import { opcodes } from './pickle-opcodes.ts'
import { PickleMachine, pickleLimits, tooLarge } from './pickle-machine.ts'
import type { PickleNode } from './pickle-nodes.ts'
import { malformed, TensorFileError } from './tensor-file-error.ts'

export type Pickle = {
  root: PickleNode
  /** What loading it would import, and whether it would call it. */
  globals: ReadonlyMap<string, { isCalled: boolean }>
}

const stop = 0x2e
/** Opcodes between two looks at the clock. */
const clockEvery = 65_536

/**
 * Reads a pickle into inert records: nothing is imported, called or looked up.
 * @param clock ms, monotonic.
 * @throws TensorFileError `malformed` or `torn` when it is none, `tooLarge` at a bound of `pickleLimits`.
 */
export function readPickle(bytes: Uint8Array, clock: () => number): Pickle {
  if (bytes.length > pickleLimits.bytesMax) throw tooLarge(`${bytes.length} bytes`)
  const machine = new PickleMachine(bytes)
  const until = clock() + pickleLimits.timeMsMax
  for (let count = 1; count <= pickleLimits.opcodesMax; count += 1) {
    const { at } = machine
    const code = machine.readUint8()
    if (code === stop) return { root: finish(machine), globals: machine.globals }
    const opcode = opcodes.get(code)
    if (opcode === undefined) throw malformed(`Its pickle has an opcode that there is not, ${code}, at byte ${at}.`)
    opcode(machine)
    if (count % clockEvery === 0 && clock() > until)
      throw new TensorFileError('tooLarge', `Its pickle takes longer than ${pickleLimits.timeMsMax / 1000} s to read.`)
  }
  throw tooLarge(`more than ${pickleLimits.opcodesMax} opcodes`)
}

function finish(machine: PickleMachine): PickleNode {
  if (machine.markCount > 0) throw malformed('Its pickle ends within a list.')
  return machine.pop()
}
