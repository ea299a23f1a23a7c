import { expect, it } from 'vitest'
import type { ScriptField } from './script-config.ts'
import { listScriptJobs, type ScriptShape } from './script-jobs.ts'

const field = (key: string, more: Partial<ScriptField> = {}): ScriptField => ({
  key,
  name: key,
  form: 'option',
  off: null,
  type: 'text',
  many: false,
  optional: false,
  default: null,
  choices: null,
  required: false,
  help: null,
  group: null,
  command: null,
  ...more,
})
const hydra: ScriptShape = {
  kind: 'hydra',
  fields: [field('lr', { form: 'assign', type: 'number' }), field('name', { form: 'assign' })],
  groups: [
    { key: 'model', options: ['small', 'large'], default: 'small', chosen: 'small' },
    { key: '+db', options: ['lite', 'pg'], default: null, chosen: null },
  ],
}
const argparse: ScriptShape = {
  kind: 'argparse',
  fields: [
    field('--lr', { type: 'number' }),
    field('--name'),
    field('-v', { form: 'count', type: 'integer' }),
    field('--fast', { form: 'flag', type: 'boolean' }),
    field('--amp', { form: 'switch', off: '--no-amp', type: 'boolean' }),
    field('--sizes', { many: true }),
    field('--tag', { form: 'append', many: true }),
    field('data', { form: 'place' }),
    field('--steps', { command: 'fit' }),
    field('--all', { command: 'test', form: 'flag' }),
    field('--all', { command: 'fit' }),
  ],
  groups: [],
}
type Set = { key: string; value: string | null; sweep?: boolean }
const list = (
  shape: ScriptShape,
  sets: readonly Set[],
  more: { command?: string; free?: string[]; jobsMax?: number } = {},
) =>
  listScriptJobs(
    shape,
    {
      command: more.command ?? null,
      overrides: sets.map((one) => ({ sweep: false, ...one })),
      free: more.free ?? [],
    },
    more.jobsMax,
  )
const wordsOf = (...args: Parameters<typeof list>): string[][] => list(...args).jobs.map(({ words }) => words)

it('nothing set is one job without words', () => {
  expect(list(hydra, [])).toEqual({ total: 1, jobs: [{ swept: [], words: [] }], faults: [] })
})

it('sweeps make a job for each combination, the last turning fastest', () => {
  const sets = [
    { key: 'model', value: 'glob(*)', sweep: true },
    { key: 'name', value: "'a,b'" },
    { key: 'lr', value: '1e-3,1e-4', sweep: true },
  ]
  expect(wordsOf(hydra, sets)).toEqual([
    ['model=small', "name='a,b'", 'lr=1e-3'],
    ['model=small', "name='a,b'", 'lr=1e-4'],
    ['model=large', "name='a,b'", 'lr=1e-3'],
    ['model=large', "name='a,b'", 'lr=1e-4'],
  ])
  expect(list(hydra, sets, { jobsMax: 1 })).toMatchObject({
    total: 4,
    jobs: [
      {
        swept: [
          { key: 'model', value: 'small' },
          { key: 'lr', value: '1e-3' },
        ],
      },
    ],
  })
})

it('free words of Hydra are swept over, too; those of other scripts stay as they are', () => {
  expect(wordsOf(hydra, [], { free: ['+db=glob(*)', '~trainer', '--config-name=x,y'] })).toEqual([
    ['+db=lite', '~trainer', '--config-name=x,y'],
    ['+db=pg', '~trainer', '--config-name=x,y'],
  ])
  expect(wordsOf(argparse, [], { free: ['a=1,2'] })).toEqual([['a=1,2']])
})

it('arguments of argparse are written so that values stay values', () => {
  const evil = "$(touch x); '\n--name"
  expect(
    wordsOf(argparse, [
      { key: '--lr', value: '-1' },
      { key: '--name', value: evil },
      { key: '-v', value: '2' },
      { key: '--fast', value: 'true' },
      { key: '--amp', value: 'false' },
      { key: '--tag', value: "--x 'b c'" },
      { key: 'data', value: '--' },
    ]),
  ).toEqual([['--lr=-1', `--name=${evil}`, '-v', '-v', '--fast', '--no-amp', '--tag=--x', '--tag=b c', '--', '--']])
})

it('several values stand behind their option, and none of them can look like one', () => {
  expect(
    wordsOf(argparse, [
      { key: '--sizes', value: "1 -2 'a b'" },
      { key: 'data', value: 'x' },
    ]),
  ).toEqual([['--sizes', '1', '-2', 'a b', '--', 'x']])
  expect(list(argparse, [{ key: '--sizes', value: 'a --name' }]).faults).toEqual([
    { key: '--sizes', message: expect.stringContaining('«--name»') },
  ])
})

it('what belongs to a command stands behind it', () => {
  const sets = [
    { key: '--steps', value: "5,'1 0'", sweep: true },
    { key: '--lr', value: '1' },
    { key: '--all', value: 'x' },
  ]
  expect(wordsOf(argparse, sets, { command: 'fit' })).toEqual([
    ['--lr=1', 'fit', '--steps=5', '--all=x'],
    ['--lr=1', 'fit', '--steps=1 0', '--all=x'],
  ])
})

it('what is wrong is told by its key, and makes no job', () => {
  const sweep = (key: string, value: string): Set => ({ key, value, sweep: true })
  expect(list(hydra, [sweep('lr', '1,,2'), sweep('name', 'glob(*)')])).toEqual({
    total: 0,
    jobs: [],
    faults: [
      { key: 'lr', message: expect.any(String) },
      { key: 'name', message: expect.stringContaining('this is none') },
    ],
  })
  expect(list(hydra, [sweep('lr', 'range(100)'), sweep('name', 'range(11)')]).faults).toEqual([
    { key: null, message: expect.stringContaining('1100 jobs') },
  ])
})
