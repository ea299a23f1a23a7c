/** Code that a cluster fetches itself, by an unprivileged user on a real Slurm, from a repository that both sides reach. */
import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Project } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LaunchWorld } from './launch-world.fixture.ts'
import { openSlurmWorld, type SlurmWorld } from './slurm-world.fixture.ts'

let lab: SlurmWorld
let world: LaunchWorld
let project: Project & { id: number }
let remote: string
beforeAll(async () => {
  lab = await openSlurmWorld()
  world = lab.world
  // On a real cluster both users would reach it over the network.
  world.yard.write('home/.gitconfig', '[safe]\n\tdirectory = *\n')
  project = await world.addProject('model', { 'src/train.py': 'print("first")\n' })
  remote = join(lab.folder, 'model.git')
  git('init', '--quiet', '--bare', remote)
  git('remote', 'add', 'origin', `file://${remote}`)
  push()
}, 120_000)
afterAll(() => lab.close())

const git = (...args: string[]): string => world.yard.git(join(world.yard.root, 'model'), ...args)
function push(): void {
  git('push', '--quiet', '--all', 'origin')
  execFileSync('chown', ['-R', lab.slurm.user, remote])
}
function commit(text: string): string {
  world.yard.write('model/src/train.py', `print("${text}")\n`)
  git('commit', '--quiet', '--all', `--message=${text}`)
  return git('rev-parse', 'HEAD')
}
const spec = { target: 'lab', command: ['python3', 'train.py'], within: 'src' }

/** What the plan says, once the project was read anew. */
async function expectWay(way: string): Promise<void> {
  await world.ask(`/api/projects/${project.id}/sync`, { method: 'POST' })
  const read = async () => (await world.plan({ ...spec, project: project.id })).code?.way
  await expect.poll(read, { timeout: 30_000, interval: 100 }).toBe(way)
}

/** Launches it, and gives what the step of the code says and what was printed. */
async function run(more: object = {}): Promise<{ words: string; log: string }> {
  const uid = await world.launchOne({ ...spec, project: project.id, ...more })
  await world.until(uid, 'completed')
  await world.untilOver(uid)
  const { steps } = await world.look(uid)
  return { words: steps.find(({ step }) => step === 'code')?.words ?? '', log: await world.log(uid) }
}

it('a commit that was pushed is fetched there, and the plan says so', async () => {
  const head = git('rev-parse', 'HEAD')
  await expectWay(
    `by git from file://${remote}, where the target reaches it and the commit was pushed; else as an archive from here`,
  )
  expect((await world.plan({ ...spec, project: project.id, target: 'local' })).code?.way).toBeNull()
  const first = await run()
  expect(first.words).toMatch(
    new RegExp(`^Commit ${head.slice(0, 7)} in /.*/code/git-${head}, fetched by git from file://`),
  )
  expect(first.log.trim()).toBe('first')
  expect((await run({ code: { kind: 'commit', commit: head } })).words).toMatch(/fetched by git before$/)
})

it('what was not pushed, or not committed, comes as an archive, and the step says why', async () => {
  const unpushed = commit('second')
  const second = await run()
  expect(second.words).toMatch(/ in \/.*; as an archive, not by git: the repository does not give that commit: was it/)
  expect(second.log.trim()).toBe('second')
  push()
  expect((await run()).words).toContain(`git-${unpushed}, fetched by git from`)
  world.yard.write('model/src/train.py', 'print("third")\n')
  const why = 'one file differs from the commit'
  await expectWay(`as an archive from here, not by git: ${why}`)
  const third = await run()
  expect(third.words).toMatch(new RegExp(`; as an archive, not by git: ${why}$`))
  expect(third.log.trim()).toBe('third')
  git('checkout', '--quiet', '.')
})

it('a repository that the cluster does not reach, or none at all: an archive', async () => {
  commit('fourth')
  push()
  rmSync(remote, { recursive: true })
  const fourth = await run()
  expect(fourth.words).toMatch(/; as an archive, not by git: lab does not reach the repository \(/)
  expect(fourth.log.trim()).toBe('fourth')
  git('remote', 'remove', 'origin')
  expect((await run()).words).toMatch(/not by git: the repository has no remote$/)
  expect(readdirSync(join(lab.sshd.folder, 'home'))).not.toContain('.gitconfig')
})

it('files that git would write otherwise than they lie there come as they are', async () => {
  git('remote', 'add', 'origin', `file://${remote}`)
  world.yard.write('model/.gitattributes', 'src/*.py export-ignore\n')
  git('add', '-A')
  commit('fifth')
  const fifth = await run()
  expect(fifth.words).toMatch(/not by git: its files differ from those of the commit by attributes of git/)
  expect(fifth.log.trim()).toBe('fifth')
})
