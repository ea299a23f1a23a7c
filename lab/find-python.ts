import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Made by `lab/setup`; another one is named by PYTHON. */
const testPython = fileURLToPath(new URL('../.cache/venv/bin/python', import.meta.url))

/** The Python that has PyTorch and what builds on it. */
export function findPython(): string {
  return process.env['PYTHON'] ?? (existsSync(testPython) ? testPython : 'python3')
}
