/** Which Python runs a script of a project. */
import { constants } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { basename, delimiter, isAbsolute, join, relative } from 'node:path'
import { PilothouseError, type ScriptChoices } from '@pilothouse/contract'

type Environment = Readonly<Record<string, string>>

/** An interpreter gets words that mean something else to any other program. */
const named = /^(python|pypy)[0-9.]*$/i

/** Those that a project may mean: its own environments first, then those of the user, then the one of the machine. */
export async function listInterpreters(
  folder: string,
  environment: Environment,
): Promise<ScriptChoices['interpreters']> {
  const names = await readdir(folder).catch((): string[] => [])
  const usual = ['.venv', 'venv', 'env', '.env'].filter((name) => names.includes(name))
  const maker = names.includes('uv.lock') ? ' (uv)' : names.includes('poetry.lock') ? ' (poetry)' : ''
  const own = usual.map((name) => ({ path: `${name}/bin/python`, words: `environment of the project${maker}` }))
  const home = environment['HOME']
  const roots = home === undefined ? [] : ['miniconda3', 'miniforge3', 'anaconda3', '.conda', 'micromamba']
  const conda = await Promise.all(
    roots.map(async (root) => {
      const envs = join(home ?? '', root, 'envs')
      const found = await readdir(envs).catch((): string[] => [])
      return found.map((name) => ({ path: join(envs, name, 'bin/python'), words: `conda environment ${name}` }))
    }),
  )
  const machine = [{ path: 'python3', words: 'Python of the machine' }]
  const all = [...own, ...conda.flat(), ...machine]
  const there = await Promise.all(
    all.map(async ({ path }) => (await resolveInterpreter(folder, path, environment)) !== null),
  )
  return all.filter((_, at) => there[at])
}

/** @throws PilothouseError `invalid` for the field `interpreter`. */
export async function findInterpreter(folder: string, text: string, environment: Environment): Promise<string> {
  if (!named.test(basename(text)))
    throw refuse(`«${text}» is no name of a Python.`, 'a path that ends in python, python3 or the like')
  const found = await resolveInterpreter(folder, text, environment)
  if (found === null)
    throw refuse(`There is no program ${text} here.`, 'an interpreter on the machine of the control room')
  return found
}

/** A path inside the project must stay there as it is written; its link may lead to where the environment was made from. */
async function resolveInterpreter(folder: string, text: string, environment: Environment): Promise<string | null> {
  if (text.includes('\0')) return null
  if (isAbsolute(text)) return (await isProgram(text)) ? text : null
  if (text.includes('/')) {
    const path = join(folder, text)
    return !relative(folder, path).startsWith('..') && (await isProgram(path)) ? path : null
  }
  for (const place of (environment['PATH'] ?? '').split(delimiter).filter(isAbsolute)) {
    const path = join(place, text)
    if (await isProgram(path)) return path
  }
  return null
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

function refuse(message: string, expected: string): PilothouseError {
  return new PilothouseError('invalid', message, { field: 'interpreter', expected })
}
