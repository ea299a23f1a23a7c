/** Input files of batches for tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const endpoint = '/v1/chat/completions'

export type TestInputs = {
  /** Writes a file and gives its path. */
  write(content: string | Buffer): string
  at(name: string): string
  remove(): void
}

export function makeInputs(): TestInputs {
  const folder = mkdtempSync(join(tmpdir(), 'ph-lines-'))
  let written = 0
  const at = (name: string): string => join(folder, name)
  return {
    at,
    write(content) {
      written += 1
      const path = at(`input-${written}.jsonl`)
      writeFileSync(path, content)
      return path
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** A line that is in order but for what is given. */
export function makeLine(
  id: string,
  changes: Record<string, unknown> = {},
  body: Record<string, unknown> = {},
): string {
  const messages = [{ role: 'user', content: `Say ${id}.` }]
  const request = { custom_id: id, method: 'POST', url: endpoint, body: { model: 'tiny', messages, ...body } }
  return JSON.stringify({ ...request, ...changes })
}
