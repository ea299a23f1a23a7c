import { keepHeapSmall } from './keep-heap-small.ts'
import { runTopLines } from './run-top-lines.ts'
import { ScreenSession, type TopParameters } from './screen-session.ts'

/**
 * Shows the screen until somebody ends it. Without a terminal that can show it, it tells what changes, line by line.
 *
 * @returns the exit code: 0, 1 after an error of its own, 128 and the signal's number after a signal
 */
export async function runTop(parameters: TopParameters): Promise<number> {
  const { input, output, environment } = parameters
  const canDraw = output.isTTY === true && input.isTTY === true && environment['TERM'] !== 'dumb'
  const leaveHeap = keepHeapSmall()
  try {
    return await (canDraw ? new ScreenSession(parameters).run() : runTopLines(parameters))
  } finally {
    leaveHeap()
  }
}
