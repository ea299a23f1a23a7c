/** The official client of vast.ai, which `lab/setup` brings into `.cache/vast`, against the stand-in. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findPython } from '../find-python.ts'
import type { VastStandIn } from './start-vast-stand-in.ts'

const folder = fileURLToPath(new URL('../../.cache/vast', import.meta.url))
/** It looks for a newer one of itself, and its command carries the path of the Python that installed it. */
const program = 'from vastai.cli.main import main; main()'

/**
 * Runs a command, as `show instances --raw`, and gives what it printed.
 * @param options.home an empty folder, where it keeps what it keeps
 */
export async function runVastClient(
  standIn: VastStandIn,
  args: readonly string[],
  options: { home: string; key?: string },
): Promise<{ stdout: string; stderr: string }> {
  const { home, key = standIn.key } = options
  const quiet = { VASTAI_NO_UPDATE_CHECK: '1', PYTHONDONTWRITEBYTECODE: '1' }
  const env = { PATH: process.env['PATH'], HOME: home, PYTHONPATH: folder, VAST_API_KEY: key, ...quiet }
  return promisify(execFile)(findPython(), ['-c', program, '--url', standIn.url, ...args], { env, cwd: home })
}
