import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '@pilothouse/client'
import { type Job, type Launch, type Launched, type LaunchPlan, templateVariables } from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type GitYard, openGitYard } from '../../../lab/git-yard.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
/** Waits for what real processes do. */
const patience = { timeout: 60_000, interval: 100 }
/** Prints what reaches it. */
const tell = `import json, os, sys
print(json.dumps({"words": sys.argv[1:], "folder": os.path.basename(os.getcwd()), "env": dict(os.environ)}), flush=True)
`
const fit = `from argparse import ArgumentParser as Parser
parser = Parser(); parser.add_argument("--depth", type=int, choices=[1, 2]); parser.add_argument("--lr", type=float)
print(parser.parse_args().depth)
`
/** Of docs/launching.md: one that somebody may write, and the one that we bring. */
const guide = readFileSync(new URL('../../../docs/launching.md', import.meta.url), 'utf8')
const [ownTemplate = '', broughtTemplate = ''] = Array.from(
  guide.matchAll(/^```jinja\n(.*?)^```/gms),
  ([, text]) => text,
)
const evil = [`it's`, '"two"', '$(touch evil)', '`touch evil`', 'a\nb', '-x', '--target', '; touch evil', '\\', '*', '']

let yard: GitYard
let folder: string
let place: string
let server: RunningServer
let admin: Client

beforeAll(async () => {
  yard = openGitYard()
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-launch-'))
  writeFileSync(
    join(folder, 'clusters.yaml'),
    `hosts: [{ name: box, host: me@box.invalid }]
clusters:
  - { name: dgx, host: me@login.invalid }
  - { name: own, host: me@login.invalid, template: ${folder}/own.jinja }
  - { name: brought, host: me@login.invalid, template: ${folder}/brought.jinja }
`,
  )
  writeFileSync(join(folder, 'own.jinja'), ownTemplate)
  writeFileSync(join(folder, 'brought.jinja'), broughtTemplate)
  place = yard.makeRepository('vision')
  yard.write('vision/tell.py', tell)
  yard.write('vision/sub/tell.py', tell)
  yard.write('vision/wait.sh', 'sleep 600 & echo begun; wait\n')
  yard.git(place, 'add', '-A')
  yard.git(place, 'commit', '--quiet', '--message=all of it')
  const settings = { port: 0, logLevel: 'silent' as const }
  const { world } = makeTestWorld({
    ...yard.environment,
    PATH: process.env['PATH'],
    PILOTHOUSE_PROJECT_ROOTS: yard.root,
  })
  server = (await startServer({ dataFolder: folder, version, settings }, world)).server
  admin = createClient({ baseUrl: server.url, token: readFileSync(join(folder, 'admin.token'), 'utf8').trim() })
  await admin.call('projects.create', { body: { place } })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
  yard.close()
})

it('the targets are this machine and what clusters.yaml names', async () => {
  const { code, out } = await cli(['targets'])
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(
      /^NAME .*\nlocal +local +the machine of the control room\nbox +ssh +me@box\.invalid\ndgx +slurm +me@/,
    ),
  ])
  expect(JSON.parse((await cli(['targets', '--json'])).out)).toMatchObject({
    targets: [
      { name: 'local', kind: 'local', host: null },
      { name: 'box', kind: 'ssh' },
      { name: 'dgx', kind: 'slurm' },
      { name: 'own' },
      { name: 'brought' },
    ],
  })
})

it("a launch runs this folder's project, is followed with its steps and log, and ends with the exit code of the job", async () => {
  const { code, out, err } = await cli(['launch', '--follow', '--', 'sh', '-c', 'pwd; ls; exit 7'], join(place, 'sub'))
  expect(code).toBe(7)
  expect(out).toMatch(/^\/.*\/sub\ntell\.py\n$/)
  expect(err).toMatch(
    /^Code: vision: main @ [0-9a-f]{7} «all of it»\n\S+ {2}http.*\n✓ Check .*\n✓ Code .*\n✓ SDK .*\n✓ Folder .*\n✓ Submit .*\n✓ Start .*\n✗ \S+ failed with exit code 7/,
  )
  expect(await cli(['launch', '-f', '--no-project', 'true'])).toMatchObject({
    code: 0,
    out: '',
    err: expect.stringMatching(/· Code +It takes no code along\.[\s\S]*✓ \S+ completed\n$/),
  })
  // Outside of all projects it says so, and goes without code.
  expect(await cli(['launch', '--follow', 'ls'], folder)).toMatchObject({
    code: 0,
    out: expect.stringContaining('script\n'),
    err: expect.stringContaining('This folder belongs to no project'),
  })
})

it('words, variables, names and folders reach the job as they were written, and no shell reads them', async () => {
  yard.write('vision/$(touch evil); x/tell.py', tell)
  const env = Object.fromEntries(evil.map((value, at) => [`EVIL_${at}`, value]))
  const named = ['--name', '-$(touch evil) "x"', '--tag', "$(touch evil)'", '--within', '$(touch evil); x']
  const options = [...named, ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])]
  const { uid } = await launch([...options, '--', 'python3', 'tell.py', ...evil])
  const job = await untilEnd(uid)
  expect(job).toMatchObject({ state: 'completed', name: '-$(touch evil) "x"', tags: ["$(touch evil)'"] })
  const told = JSON.parse(await readLog(uid)) as { words: string[]; folder: string; env: Record<string, string> } // what the script prints
  expect(told).toMatchObject({ words: evil, folder: '$(touch evil); x', env })
  const { folder: run, script } = await look(uid)
  for (const where of [run ?? '', place, folder]) expect(existsSync(join(where, 'evil'))).toBe(false)
  expect((await cli(['launched', uid, '--script'])).out).toBe(script)
  // None of it is taken for colours or commands of a terminal.
  const shown = await cli(['launch', '--dry-run', '--', 'echo', '\u001B[31mred', '$(touch evil)'])
  expect(shown.out).not.toContain('\u001B')
  expect(shown.out).toContain(`'$(touch evil)'`)
})

it('what cannot be meant is refused with the option, before anything is asked', async () => {
  const { total } = await admin.call('jobs.list', {})
  const refuse = async (...options: string[]) => {
    const { code, err } = await cli(['launch', ...options, '--', 'true'])
    return [code, err]
  }
  const words = (text: string): unknown[] => [2, expect.stringContaining(text)]
  expect(await refuse('--gpus', '$(x)')).toEqual(words('as 4 or a100:4'))
  expect(await refuse('--gpus', '0')).toEqual(words('as 4 or a100:4'))
  expect(await refuse('--gpus', '--x:4')).toEqual(words('as 4 or a100:4'))
  expect(await refuse('--memory', '64 giants')).toEqual(words('as 64G'))
  expect(await refuse('--time', '1h; x')).toEqual(words('A span of time'))
  expect(await refuse('--time', '00:00:00')).toEqual(words('A span of time'))
  expect(await refuse('--nodes', '-1')).toEqual(words('whole number'))
  expect(await refuse('--env', 'NAME')).toEqual(words('NAME=VALUE'))
  expect(await refuse('--env', 'A B=1')).toEqual(words('environment.A B'))
  for (const option of ['partition', 'account', 'qos', 'reservation', 'constraint'])
    for (const value of ['-x', '$(touch evil)', 'a\nb', "a'b", ''])
      expect(await refuse(`--${option}`, value)).toEqual(words(`resources.${option}`))
  expect(await refuse('--sbatch', '--exclusive\n--wrap=x')).toEqual(words('directives.0'))
  expect(await refuse('--within', '../..')).toEqual(words('within'))
  expect(await refuse('--within', '/etc')).toEqual(words('within'))
  expect(await refuse('--name', '')).toEqual(words('name'))
  expect(await refuse('--commit', '--output=x')).toEqual(words('git rev-parse'))
  expect(await refuse('--commit', 'HEAD', '--in-place')).toEqual(words('cannot be used with'))
  expect(await refuse('--no-project', '--commit', 'HEAD')).toEqual(words('no project whose code'))
  expect(await refuse('--script', 'nowhere.sh')).toEqual(words('cannot be read'))
  expect(await refuse('--sweep', 'lr')).toEqual(words('is no sweep'))
  expect(await refuse('--sweep', 'lr=range(1,2,0)')).toEqual(words('step other than 0'))
  expect(await refuse('--sweep', 'lr=range(1,900)')).toEqual(words('at most'))
  expect(await refuse('--array')).toEqual(words('needs several jobs'))
  expect(await refuse('--sweep', 'lr=1,2', '--array', '0')).toEqual(words('From 1 to 200'))
  const elsewhere = [1, expect.stringContaining('Only Slurm has job arrays')]
  expect(await refuse('--sweep', 'lr=1,2', '--array', '2')).toEqual(elsewhere)
  expect(await refuse('--sweep', 'lr=1,2', '--follow')).toEqual(words('One job can be followed'))
  expect(await cli(['launch'])).toMatchObject({ code: 2, err: expect.stringContaining('nothing to launch') })
  expect(await refuse('--project', 'nobody')).toEqual([5, expect.stringContaining('pilothouse projects')])
  expect((await admin.call('jobs.list', {})).total).toBe(total)
})

it('what the target cannot do is refused in the words of the server, with its reason', async () => {
  expect(await cli(['launch', '--target', 'nowhere', 'true'])).toEqual({
    code: 1,
    out: '',
    err: expect.stringMatching(
      /Nothing was launched\.\n {2}There is no target «nowhere»\.\n {2}→ There are local, box/,
    ),
  })
  expect(await cli(['launch', '--nodes', '2', 'true'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('one node'),
  })
  expect(await cli(['launch', '--env', 'SLURM_X=1', 'true'])).toMatchObject({ code: 1 })
  expect(await cli(['launch', '--target', 'dgx', '--sbatch', '--output=/etc/x', 'true'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('out of its run folder'),
  })
  expect(await cli(['launch', '--target', 'box', '--in-place', 'true'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('on this machine only'),
  })
  const member = (await admin.call('access.create-token', { body: { name: 'member', role: 'member' } })).secret
  expect(await cli(['launch', '--url', server.url, '--token', member, 'true'])).toMatchObject({
    code: 4,
    err: expect.stringContaining('launches:create'),
  })
})

it('a dry run says what would run and what it asks for, and launches nothing', async () => {
  const wish = [
    '--target',
    'dgx',
    '--gpus',
    'a100:4',
    '--nodes',
    '2',
    '--cpus',
    '8',
    '--memory',
    '64G',
    '--time',
    '1-12:00:00',
  ]
  const more = ['--partition', 'gpu', '--sbatch', '--exclusive', '--torchrun', '--no-requeue', '--warn', '5m']
  yard.write('vision/new.txt', 'x')
  const command = ['--', 'python3', 'tell.py', '--lr', '1']
  const before = await admin.call('jobs.list', {})
  const planned = await cli(['launch', ...wish, ...more, '--show-script', ...command])
  expect(planned).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^#!\/bin\/bash\n#SBATCH --exclusive\n[\s\S]*srun /),
  })
  const { out } = await cli(['launch', ...wish, ...more, '--dry-run', '--sweep', 'seed=1,2', ...command])
  expect(out).toMatch(
    /^Target +dgx\nJobs +2\nCode +vision: main @ [0-9a-f]{7} «all of it» and \d files? that differs?\n/,
  )
  expect(out).toContain('python3 tell.py --lr 1\n')
  expect(out).toContain('2 nodes, 8 a100 GPUs, 16 CPUs, 128 GiB of memory, for 1 d 12 h; 288 GPU hours\n')
  expect(out).toContain('16 GPUs if all run at once; 576 GPU hours\n')
  expect(out).toMatch(/! .*taken along\./)
  expect(out).toContain(planned.out)
  const { plan, variants } = JSON.parse(
    (
      await cli([
        'launch',
        ...wish,
        '--dry-run',
        '--sweep',
        '--lr=1e-3,1e-4',
        '--sweep',
        'b=range(1,3)',
        '--json',
        ...command,
      ])
    ).out,
  ) as { plan: LaunchPlan; variants: string[][] } // what it prints
  expect(variants).toEqual([
    ['--lr=1e-3', 'b=1'],
    ['--lr=1e-3', 'b=2'],
    ['--lr=1e-4', 'b=1'],
    ['--lr=1e-4', 'b=2'],
  ])
  expect(plan.totals).toMatchObject({ gpus: 8, cpus: 16, memoryMb: 131_072, gpuHours: 288 })
  expect((await cli(['launch', '--dry-run', '--nodes', '2', 'true'])).code).toBe(1)
  expect((await admin.call('jobs.list', {})).total).toBe(before.total)
})

it('templates may name what the guide says, and it shows the one that we bring', async () => {
  for (const name of templateVariables) expect(guide).toMatch(new RegExp(`^\\| .*\`${name}\``, 'm'))
  const render = async (target: string, ...options: string[]) =>
    cli(
      ['launch', '--target', target, '--show-script', ...options, '--', 'python3', 'tell.py', '$(touch evil)'],
      join(place, 'sub'),
    )
  const own = await render('own', '--gpus', '2', '--sbatch', '--exclusive', '--no-project')
  expect(own).toMatchObject({ code: 0 })
  expect(own.out).toMatch(
    /^#!\/bin\/bash -l\n#SBATCH --mail-type=FAIL\n#SBATCH --exclusive\nmodule purge\n[\s\S]*\nnvidia-smi\ncd '«run»'\/\. \|\|/,
  )
  expect((await render('own')).out).toMatch(
    /\nmkdir .*\ncd '«code»'\/sub \|\| exit 1\nexec python3 tell\.py '\$\(touch evil\)'\n$/,
  )
  const wish = ['--gpus', '2', '--nodes', '2', '--torchrun', '--sbatch', '--exclusive']
  expect((await render('brought', ...wish)).out).toBe((await render('dgx', ...wish)).out)
})

it('the code is that of a commit, of the folder as it is, or the folder itself', async () => {
  const head = yard.git(place, 'rev-parse', 'HEAD').trim()
  yard.write('vision/tell.py', 'print("changed")')
  const run = async (...options: string[]) => (await cli(['launch', '--follow', ...options, 'python3', 'tell.py'])).out
  expect(await run('--commit', head.slice(0, 8))).toContain('"folder"')
  expect(await run('--commit', head)).toContain('"folder"')
  expect(await run()).toBe('changed\n')
  expect((await cli(['launch', '--follow', '--in-place', 'pwd'])).out).toBe(`${place}\n`)
  const { id } = (await admin.call('projects.list', { query: { name: 'vision' } })).projects[0] ?? {}
  expect((await cli(['launch', '--follow', '--project', String(id), 'ls'], folder)).out).toContain('wait.sh')
  yard.write('vision/tell.py', tell)
})

it('a script of your own runs in place of the one of the template', async () => {
  const { out } = await cli(['launch', '--show-script', '--', 'python3', 'tell.py'])
  yard.write('job.sh', out.replace(/^exec .*$/m, 'echo "by hand in $(basename "$PWD")"; exit 3'))
  const own = await cli(['launch', '--follow', '--script', join(yard.root, 'job.sh')])
  expect(own).toMatchObject({ code: 3, out: expect.stringMatching(/^by hand in code\n$/) })
  const uid = readUid(own.err)
  expect((await cli(['launched', uid])).out).toMatch(/\nScript +written by /)
  expect(await cli(['resubmit', uid])).toMatchObject({ code: 2, err: expect.stringContaining('--no-script') })
  expect((await cli(['resubmit', uid, '--follow', '--no-script', '--', 'echo', 'template'])).out).toBe('template\n')
})

it('a sweep is a group of jobs; before many it is asked', async () => {
  const { out } = await cli(['launch', '--name', 'sweep', '--sweep', 'lr=1,$(touch evil)', '--', 'echo'])
  expect(out).toMatch(
    /^\S+ {2}http.*\/job\/\S+ {2}lr=1\n\S+ {2}http.* {2}'lr=\$\(touch evil\)'\n2 jobs in the group sweep-/,
  )
  const uids = out
    .split('\n')
    .slice(0, 2)
    .map((line) => line.split(' ')[0] ?? '')
  await Promise.all(uids.map(untilEnd))
  expect(await Promise.all(uids.map(readLog))).toEqual(['lr=1\n', 'lr=$(touch evil)\n'])
  const many = ['launch', '--sweep', 'a=range(0,51)', '--', 'true']
  expect(await cli(many)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--yes') })
  expect(await cli(many, place, 'n')).toMatchObject({ code: 1, err: expect.stringContaining('Nothing was launched') })
})

it('with --check the script looks at the words of every job, and nothing is launched where it refuses one', async () => {
  yard.write('vision/sub/fit.py', fit)
  const sub = join(place, 'sub')
  const sweep = ['--sweep', '--lr=1,2', '--sweep', '--depth=1,7']
  const refused = await cli(['launch', '--check', ...sweep, '--', 'python3', 'fit.py'], sub)
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toMatch(
    /^✗ Job 2 \(--lr=1 --depth=7\): --depth: invalid choice: .*\n✗ Job 4 \(--lr=2 --depth=7\): .*\n.*Nothing was launched\.\n.*refuses 2 of the 4 jobs/m,
  )
  const dry = await cli(['launch', '--check', '--dry-run', '--json', ...sweep, '--', 'python3', 'fit.py'], sub)
  expect([dry.code, JSON.parse(dry.out)]).toMatchObject([
    1,
    {
      check: {
        script: 'sub/fit.py',
        jobs: 4,
        checked: 4,
        refused: [{ job: 2, words: ['--lr=1', '--depth=7'] }, { job: 4 }],
      },
    },
  ])
  expect(await cli(['launch', '--check', '--', 'python3', 'fit.py', '--depth', '9'], sub)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^✗ --depth: invalid choice/m),
  })
  const taken = await cli(['launch', '--check', '--follow', '--', 'python3', 'fit.py', '--depth', '2'], sub)
  expect(taken).toMatchObject({
    code: 0,
    out: '2\n',
    err: expect.stringMatching(/^sub\/fit\.py takes these words\.\n/m),
  })
  for (const words of [
    ['--no-project', 'python3', 'fit.py'],
    ['sh', 'wait.sh'],
  ])
    expect(await cli(['launch', '--check', ...words])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--check'),
    })
  expect(await cli(['launch', '--check', '--', 'python3', 'tell.py'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('tell.py was not asked'),
  })
})

it('a dry run of a sweep shows the words of its jobs and the array, which other targets than Slurm refuse', async () => {
  const sweep = ['launch', '--dry-run', '--array', '2', '--sweep', 'seed=range(0,10)']
  const { out } = await cli([...sweep, '--target', 'dgx', '--', 'true'])
  expect(out).toMatch(/^Jobs +10, as one job array, 2 at a time$/m)
  expect(out).toMatch(/^Command +true\n +… seed=0\n +… seed=1\n(.*\n){6} +and 2 more\n/m)
  expect(await cli([...sweep, 'true'])).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('Leave --array out'),
  })
})

it('a job is cancelled, also while it is followed, and by those only who may', async () => {
  const { uid } = await launch(['sh', 'wait.sh'])
  await untilLog(uid, 'begun')
  expect((await cli(['launched', uid])).out).toMatch(
    new RegExp(
      `^Job +${uid}, under way\\nTarget +local\\nCommand +sh wait\\.sh\\nFolder +/[\\s\\S]*\\nCan be told +cancel\\n✓ Check`,
    ),
  )
  for (const order of ['hold', 'release', 'requeue'])
    expect(await cli([order, uid])).toMatchObject({
      code: 1,
      err: expect.stringContaining(`cannot be told «${order}»`),
    })
  expect(await cli(['cancel', uid])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
  expect(await cli(['cancel', uid], place, 'no')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Nothing was'),
  })
  expect(await cli(['clean', uid, '--yes'])).toMatchObject({ code: 1, err: expect.stringContaining('under way') })
  expect(await cli(['cancel', uid, 'no-such-job', '--yes'])).toMatchObject({
    code: 5,
    out: `${uid}: cancelled.\n`,
    err: expect.stringContaining('no-such-job'),
  })
  expect(await untilEnd(uid)).toMatchObject({ state: 'cancelled' })
  expect(await cli(['cancel', uid, '--yes'])).toMatchObject({ code: 1 })
  const json = JSON.parse((await cli(['launched', uid, '--json', '--fresh'])).out) as Launch // what it prints
  expect(json).toMatchObject({ uid, state: 'over', isKept: true })
  expect(existsSync(json.folder ?? '')).toBe(true)
  expect(await cli(['clean', uid])).toMatchObject({ code: 2 })
  expect(await cli(['clean', uid], place, 'y')).toMatchObject({
    code: 0,
    out: `${uid}: ${json.folder ?? ''} is removed.\n`,
  })
  expect(existsSync(json.folder ?? '')).toBe(false)
  expect((await cli(['launched', uid])).out).toContain('(removed)')
})

it('a target that does not answer is told, and what waits for it can be cancelled', async () => {
  const { uid } = await launch(['--target', 'box', '--no-project', 'true'])
  await vi.waitFor(
    async () => expect((await cli(['launched', uid])).out).toMatch(/\n! box has not answered since .*: \S/),
    patience,
  )
  expect(await cli(['cancel', uid, '--yes'])).toMatchObject({ code: 0, out: `${uid}: cancelled.\n` })
  expect(await untilEnd(uid)).toMatchObject({ state: 'cancelled' })
})

it('Ctrl-C while following leaves the job alone and says how to cancel it', async () => {
  const { world, stdout, stderr, stop } = makeTestWorld({ PILOTHOUSE_DATA: folder })
  const following = runCli(['launch', '--follow', 'sh', 'wait.sh'], { ...world, workingFolder: place }, version)
  await vi.waitFor(() => expect(stdout.text()).toContain('begun'), patience)
  stop('SIGINT')
  expect(await following).toBe(130)
  const uid = readUid(stderr.text())
  expect(stderr.text()).toContain(`The job goes on. «pilothouse cancel ${uid}» ends it`)
  expect((await admin.call('jobs.get', { params: { uid } })).state).toBe('running')
  expect(await cli(['cancel', uid, '--yes', '--json'])).toMatchObject({ code: 0, out: expect.stringContaining(uid) })
})

it('a job is launched once more, with what is to be different', async () => {
  const { uid } = await launch(
    ['--name', 'again', '--env', 'A=1', '--tag', 'x', '--', 'python3', 'tell.py', '--one'],
    join(place, 'sub'),
  )
  await untilEnd(uid)
  const same = await cli(['resubmit', uid, '--follow', '--env', 'B=2'], folder)
  expect(same.code).toBe(0)
  expect(JSON.parse(same.out)).toMatchObject({ words: ['--one'], folder: 'sub', env: { A: '1', B: '2' } })
  const other = await cli(['resubmit', uid, '--json', '--within', '', '--', 'python3', 'tell.py', '--two'], folder)
  const [job] = (JSON.parse(other.out) as Launched).jobs // what it prints
  expect((await untilEnd(job?.uid ?? '')).tags).toEqual(['x'])
  expect(JSON.parse(await readLog(job?.uid ?? ''))).toMatchObject({ words: ['--two'], env: { A: '1' } })
  await admin.call('jobs.put', { params: { uid: 'by-hand-1' }, body: {} })
  expect(await cli(['resubmit', 'by-hand-1'])).toMatchObject({
    code: 5,
    err: expect.stringContaining('was not launched'),
  })
})

it('a launch that fails on its way says at which step and why', async () => {
  const failed = await cli(['launch', '--follow', '--commit', 'ab'.repeat(20), 'true'])
  expect(failed.code).toBe(1)
  expect(failed.err).toMatch(/✗ Code .*\n✗ (\S+) failed: /)
  const uid = readUid(failed.err)
  expect((await cli(['launched', uid])).out).toMatch(/, not launched\n[\s\S]*✗ Code/)
  expect(await cli(['launched', uid, '--script'])).toMatchObject({ code: 1, err: expect.stringContaining('no script') })
})

async function cli(args: string[], at = place, answer: string | null = null) {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder }, answer)
  const code = await runCli(args, { ...world, workingFolder: at }, version)
  return { code, out: stdout.text(), err: stderr.text() }
}

/** Launches one job. */
async function launch(args: string[], at = place): Promise<{ uid: string }> {
  const { code, out, err } = await cli(['launch', '--json', ...args], at)
  expect([code, err]).toEqual([0, expect.not.stringContaining('✗')])
  const { jobs } = JSON.parse(out) as Launched // what it prints
  expect(jobs).toHaveLength(1)
  return { uid: jobs[0]?.uid ?? '' }
}

/** Of the job that a followed launch tells of. */
function readUid(err: string): string {
  return /^(\S+) {2}http/m.exec(err)?.[1] ?? ''
}

function look(uid: string): Promise<Launch> {
  return admin.call('launches.get', { params: { uid } })
}

async function untilEnd(uid: string): Promise<Job> {
  await vi.waitFor(async () => expect((await look(uid)).state).toMatch(/over|failed/), patience)
  return admin.call('jobs.get', { params: { uid } })
}

async function readLog(uid: string): Promise<string> {
  const { lines } = await admin.call('logs.page', { params: { uid }, query: { count: 1000 } })
  return lines.map(({ text }) => `${text}\n`).join('')
}

async function untilLog(uid: string, text: string): Promise<void> {
  await vi.waitFor(async () => expect(await readLog(uid)).toContain(text), patience)
}
