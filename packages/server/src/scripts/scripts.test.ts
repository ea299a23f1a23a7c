import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { ErrorBody, Project, ScriptChoices, ScriptDescribe, ScriptDescription } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPython } from '../../../../lab/find-python.ts'
import { type GitYard, openGitYard } from '../../../../lab/git-yard.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'

const argparse = `
import argparse, os
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--seen", default=",".join(sorted(os.environ)))
parser.parse_args()
open("ran", "w")
`
const hydra = `
import hydra
@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(config):
    open("ran", "w")
if __name__ == "__main__":
    main()
`
let yard: GitYard
let test: TestServer
let id: number
beforeAll(async () => {
  yard = openGitYard()
  mkdirSync(join(yard.root, 'open'))
  yard.write('secret.py', argparse)
  for (const [path, text] of Object.entries({
    'train.py': argparse,
    'src/fit.py': hydra,
    'src/conf/config.yaml': 'lr: 0.1\nname: ???\n',
    'util.py': 'x = 1\n',
    'notes.txt': '',
    '.hidden/train.py': argparse,
    'node_modules/train.py': argparse,
    'venv/pyvenv.cfg': '',
    'venv/lib/train.py': argparse,
  }))
    yard.write(`open/code/${path}`, text)
  mkdirSync(join(yard.root, 'open/code/.venv/bin'), { recursive: true })
  symlinkSync(findPython(), join(yard.root, 'open/code/.venv/bin/python'))
  symlinkSync(join(yard.root, 'secret.py'), join(yard.root, 'open/code/link.py'))
  test = await startTestServer({
    projectRoots: [join(yard.root, 'open')],
    gitEnvironment: yard.environment,
    scriptEnvironment: { ...yard.environment, LANG: 'C.UTF-8' },
  })
  id = await addProject(join(yard.root, 'open/code'))
})
afterAll(async () => {
  await test.close()
  yard.close()
})

async function addProject(place: string): Promise<number> {
  const { json } = await test.ask('/api/projects', { method: 'POST', token: test.tokens.admin, body: { place } })
  return (json as Project).id ?? 0 // what this route answers with
}
const list = async (of = id): Promise<ScriptChoices> =>
  (await test.ask(`/api/projects/${of}/scripts`, { token: test.tokens.admin })).json as ScriptChoices // as above
const ask = async (body: Partial<ScriptDescribe>, { of = id, token = test.tokens.admin } = {}) =>
  test.ask(`/api/projects/${of}/scripts/describe`, {
    method: 'POST',
    token,
    body: { script: 'train.py', interpreter: findPython(), consent: true, ...body },
  })
const describeIt = async (body: Partial<ScriptDescribe>, of = id): Promise<ScriptDescription> => {
  const { status, json } = await ask(body, { of })
  expect([status, json]).toEqual([200, expect.anything()])
  return json as ScriptDescription // what this route answers with
}

describe('what a project has to choose from', () => {
  it('are its scripts, those that somebody starts first, and interpreters, read without running any', async () => {
    const { scripts, more, interpreters, here } = await list()
    expect([scripts, more]).toEqual([
      [
        { path: 'train.py', kind: 'argparse', isMain: true },
        { path: 'src/fit.py', kind: 'hydra', isMain: true },
      ],
      false,
    ])
    expect(interpreters).toEqual([
      { path: '.venv/bin/python', words: 'environment of the project' },
      { path: 'python3', words: 'Python of the machine' },
    ])
    expect(here).toEqual({ user: expect.any(String), refusal: null })
  })

  it('a viewer is not told, and there is none of a project that is not there', async () => {
    expect((await test.ask(`/api/projects/${id}/scripts`, { token: test.tokens.viewer })).status).toBe(403)
    expect((await test.ask('/api/projects/999/scripts', { token: test.tokens.admin })).status).toBe(404)
    expect((await ask({}, { of: 999 })).status).toBe(404)
  })
})

describe('a script that is asked', () => {
  it('tells its arguments in the interpreter of the project, and nothing of the training runs', async () => {
    const answer = await describeIt({ interpreter: '.venv/bin/python', words: ['--lr=x'] })
    expect(answer).toMatchObject({ kind: 'argparse', fault: null, errors: [{ key: '--lr' }] })
    expect(existsSync(join(yard.root, 'open/code/ran'))).toBe(false)
  })

  it('of a sweep looks at each job, in the same process', async () => {
    const asked = { interpreter: '.venv/bin/python', words: ['--lr=1'], more: [['--lr=2'], ['--lr=x'], ['--lr=3']] }
    const answer = await describeIt(asked)
    expect(answer).toMatchObject({ errors: [], others: { checked: 3, errors: [{ job: 1, key: '--lr' }] } })
    const many = Array.from({ length: 150 }, () => ['x'.repeat(300)])
    expect((await ask({ consent: true, more: many })).json).toMatchObject({ error: { field: 'more' } })
  })

  it('composes its configuration where it lies', async () => {
    const answer = await describeIt({ script: 'src/fit.py', words: ['lr=1', '+new="a b"'] })
    expect(answer).toMatchObject({ kind: 'hydra', errors: [{ key: 'name' }], config: 'lr: 1\nname: ???\nnew: a b\n' })
  })

  it('is found where nobody names it, and asked what it makes of overrides', async () => {
    const ask = async (query: Record<string, string>) =>
      test.ask(`/api/projects/${id}/hydra-config?${new URLSearchParams(query).toString()}`, {
        token: test.tokens.admin,
      })
    const interpreter = findPython()
    const asked = await ask({ consent: 'true', interpreter, overrides: 'lr=1 name="a b"' })
    expect([asked.status, asked.json]).toEqual([
      200,
      expect.objectContaining({ script: 'src/fit.py', kind: 'hydra', errors: [], config: 'lr: 1\nname: a b\n' }),
    ])
    expect((await ask({ interpreter })).json).toMatchObject({ error: { field: 'consent' } })
    expect((await ask({ consent: 'true', overrides: '"a' })).json).toMatchObject({ error: { field: 'overrides' } })
    expect((await ask({ consent: 'true', script: 'train.py' })).json).toMatchObject({
      kind: 'argparse',
      interpreter: '.venv/bin/python',
    })
  })

  it('sees of the environment what it needs, and no secret of the control room', async () => {
    const { fields } = await describeIt({})
    const seen = fields.find(({ key }) => key === '--seen')?.default?.split(',') ?? []
    expect(seen.filter((name) => name !== 'LC_CTYPE')).toEqual([
      'HOME',
      'LANG',
      'PATH',
      'PILOTHOUSE_MODE',
      'PYTHONDONTWRITEBYTECODE',
      'PYTHONPATH',
      'WANDB_MODE',
    ])
  })

  it('is asked again only when a file or a word differs', async () => {
    yard.write('open/counts/conf.yaml', 'a: 1')
    yard.write(
      'open/counts/train.py',
      'import argparse\nopen("count.txt", "a").write("x")\nargparse.ArgumentParser().parse_args()\n',
    )
    const of = await addProject(join(yard.root, 'open/counts'))
    const count = (): number => readFileSync(join(yard.root, 'open/counts/count.txt'), 'utf8').length
    await Promise.all([describeIt({}, of), describeIt({}, of)])
    await describeIt({}, of)
    expect(count()).toBe(1)
    await describeIt({ words: ['--x'] }, of)
    expect(count()).toBe(2)
    yard.write('open/counts/conf.yaml', 'a: 10')
    await describeIt({}, of)
    expect(count()).toBe(3)
  })

  it.each(['$(touch ran)', '`touch ran`', "'; touch ran", '--', '-c', 'a\nb', '\u0000', '--overrides', '"'])(
    'takes «%s» as a word and no more',
    async (word) => {
      const { kind } = await describeIt({ words: [word] })
      expect([kind, existsSync(join(yard.root, 'open/code/ran'))]).toEqual(['argparse', false])
    },
  )
})

describe('nothing is run', () => {
  it('before somebody has agreed, in words that say as whom it would', async () => {
    const { status, json } = await ask({ consent: false })
    expect([status, json]).toMatchObject([
      400,
      { error: { field: 'consent', message: expect.stringMatching(/train\.py .*, as \w+/) } },
    ])
  })

  it.each([
    ['../secret.py', 'script'],
    ['/etc/passwd', 'script'],
    ['src/../../secret.py', 'script'],
    ['link.py', 'script'],
    ['notes.txt', 'script'],
    ['gone.py', 'script'],
    ['-c.py', 'script'],
    ['train.py\u0000.py', 'script'],
    ['$(touch ran).py', 'script'],
  ])('of «%s», with words beside the field', async (script, field) => {
    const { status, json } = await ask({ script })
    expect([status, (json as ErrorBody).error.field]).toEqual([400, field]) // what every failure answers with
  })

  it.each([
    '/bin/rm',
    'sh',
    'python3; touch ran',
    '../python3',
    '/nowhere/python',
    'venv/../../../python',
    '-python',
    '',
  ])('by «%s»', async (interpreter) => {
    const { status, json } = await ask({ interpreter })
    expect([status, (json as ErrorBody).error.field]).toEqual([400, 'interpreter']) // as above
  })

  it('for somebody who may not launch', async () => {
    const { status, json } = await ask({}, { token: test.tokens.member })
    expect([status, json]).toMatchObject([403, { error: { message: expect.stringContaining('launches:create') } }])
    expect((await ask({}, { token: test.tokens.viewer })).status).toBe(403)
  })
})

it('the files of a fetched repository are unpacked for it, at the commit', async () => {
  const source = yard.makeRepository('open/source')
  yard.write('open/source/.gitattributes', '* filter=evil\n')
  yard.write('open/source/train.py', argparse)
  yard.git(source, 'add', '.')
  yard.git(source, 'commit', '--quiet', '-m', 'Read arguments')
  const of = await addProject(`file://${source}`)
  await expect
    .poll(async () => (await test.ask(`/api/projects/${of}/scripts`, { token: test.tokens.admin })).status)
    .toBe(200)
  expect((await list(of)).scripts).toEqual([{ path: 'train.py', kind: 'argparse', isMain: true }])
  expect((await describeIt({}, of)).fields.map(({ key }) => key)).toEqual(['--lr', '--seen'])
  expect(readdirSync(join(test.server.dataFolder, 'projects', `${of}.files`))).toHaveLength(2)
  await test.ask(`/api/projects/${of}`, { method: 'DELETE', token: test.tokens.admin })
  expect(readdirSync(join(test.server.dataFolder, 'projects')).filter((name) => name.startsWith(`${of}.`))).toEqual([])
})
