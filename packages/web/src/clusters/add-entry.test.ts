import { expect, it } from 'vitest'
import { addEntry } from './add-entry.ts'

const dgx = { list: 'clusters', name: 'dgx', host: 'me@login.example.org' } as const
const box = { list: 'hosts', name: 'box', host: 'ssh://me@box:2222' } as const
const entry = '  - name: dgx\n    host: me@login.example.org\n'

it.each<[string, Parameters<typeof addEntry>[1], string, string]>([
  ['no text', dgx, '', `clusters:\n${entry}`],
  ['comments alone', dgx, '# Ours.\n', `# Ours.\n\nclusters:\n${entry}`],
  ['an empty list', dgx, 'clusters: [] # none yet\n', `clusters: # none yet\n${entry}`],
  ['a list of nothing', dgx, 'clusters:\n', `clusters:\n${entry}`],
  [
    'a list with another behind it, and a comment that belongs to that',
    dgx,
    'clusters:\n    - { name: a, host: a }\n    # the last one\n\n# Hosts.\nhosts: []\n',
    'clusters:\n    - { name: a, host: a }\n    # the last one\n    - name: dgx\n      host: me@login.example.org\n\n# Hosts.\nhosts: []\n',
  ],
  [
    'a list at the margin, without an end of line',
    dgx,
    'clusters:\n- name: a\n  host: a',
    'clusters:\n- name: a\n  host: a\n- name: dgx\n  host: me@login.example.org\n',
  ],
  [
    'a list of the other kind',
    box,
    `clusters:\n${entry}`,
    `clusters:\n${entry}\nhosts:\n  - name: box\n    host: ssh://me@box:2222\n`,
  ],
])('an entry is added to %s', (_, added, text, expected) => {
  expect(addEntry(text, added)).toBe(expected)
})

it('what YAML would read otherwise is quoted, and a list in brackets is left alone', () => {
  expect(addEntry('', { ...dgx, host: '*dgx' })).toContain('host: "*dgx"\n')
  expect(addEntry('', { ...dgx, host: 'dgx:' })).toContain('host: "dgx:"\n')
  expect(addEntry('clusters: [{ name: a, host: a }]\n', dgx)).toBeUndefined()
})
