import { launchPreset, type Project } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { emptyDraft, readDraft } from './launch-draft.ts'
import { type LaunchForm, listPresetChanges, presetKey, readPreset, writePreset } from './launch-preset.ts'

const projects = [{ id: 4, name: 'vision' }] as Project[] // what is looked at of them
const draft = {
  ...emptyDraft,
  project: 4,
  target: 'dgx',
  command: 'python3 train.py --lr 1e-3',
  environment: 'HF_TOKEN=hf_secret\nexport A=1',
  gpus: '4',
  gpuType: 'a100',
  time: '8h',
  partition: 'gpu',
  account: 'team',
}

function keep(form: LaunchForm, commands?: Parameters<typeof writePreset>[2]): string {
  const written = writePreset(form, projects, commands)
  if ('faults' in written) throw new Error(JSON.stringify(written.faults))
  return JSON.stringify(launchPreset.parse(JSON.parse(written.search)))
}

it('a form comes back as it was, without the values of its variables', () => {
  const search = keep({ draft, choice: undefined })
  expect(search).not.toContain('hf_secret')
  const back = readPreset(search, projects)
  expect(back).toEqual({ project: 'vision', draft: { ...draft, environment: 'HF_TOKEN\nA' }, choice: undefined })
  expect(readDraft(back.draft)).toMatchObject({
    spec: undefined,
    faults: { environment: expect.stringContaining('HF_TOKEN, A have no value') },
  })
  expect(keep(back)).toBe(search)
  expect(presetKey(search, projects)).toBe(presetKey(keep(back), projects))
})

it('a form without a command is kept; one that cannot be read says where', () => {
  expect(readPreset(keep({ draft: { ...draft, command: ' ' }, choice: undefined }), projects).draft.command).toBe('')
  const written = writePreset({ draft: { ...draft, gpus: 'many', command: '"' }, choice: undefined }, projects)
  expect(Object.keys('faults' in written ? written.faults : {})).toEqual(['command', 'gpus'])
})

it('arguments of a script are kept as they are set, and as a command where they make one job', () => {
  const set = { command: null, overrides: [{ key: '--lr', value: '0.1', sweep: false }], free: [] }
  const choice = { script: 'train.py', interpreter: 'python3', arguments: set }
  const start = ['python3', 'train.py']
  const one = keep({ draft, choice }, { start, jobs: [['--lr', '0.1']], total: 1 })
  expect(launchPreset.parse(JSON.parse(one)).spec.command).toEqual([...start, '--lr', '0.1'])
  expect(readPreset(one, projects).choice).toEqual(choice)
  const two = keep(
    { draft, choice },
    {
      start,
      jobs: [
        ['--lr', '0.1'],
        ['--lr', '1'],
      ],
      total: 2,
    },
  )
  expect(launchPreset.parse(JSON.parse(two)).spec.command).toEqual([])
  expect(presetKey(one, projects)).toBe(presetKey(two, projects))
  expect(readPreset(one, []).choice).toBeUndefined()
})

it('what differs from the preset is named as the form names it', () => {
  const before = { draft, choice: undefined }
  expect(listPresetChanges(before, { ...before, draft: { ...draft, environment: 'HF_TOKEN=x\nA=2' } })).toEqual([])
  const other = { ...draft, gpus: '8', environment: 'B=1', requeue: false }
  expect(listPresetChanges(before, { draft: other, choice: undefined })).toEqual([
    'variables',
    'GPUs',
    'starting again',
  ])
})
