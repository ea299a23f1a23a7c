import { expect, it } from 'vitest'
import { emptyDraft } from './batch-draft.ts'
import { putTemplate, readTemplates, templatesMax } from './batch-templates.ts'

it('templates come back as they were kept', () => {
  const templates = putTemplate([], { name: ' nightly ', draft: { ...emptyDraft, priority: -5 } })
  expect(templates).toEqual([{ name: 'nightly', draft: { ...emptyDraft, priority: -5 } }])
  expect(readTemplates(JSON.stringify(templates))).toEqual(templates)
})

it('one of the same name is replaced, and they stand by name', () => {
  const one = putTemplate([], { name: 'b', draft: emptyDraft })
  const two = putTemplate(one, { name: 'a', draft: emptyDraft })
  const three = putTemplate(two, { name: 'b', draft: { ...emptyDraft, ordered: true } })
  expect(three.map(({ name, draft }) => [name, draft.ordered])).toEqual([
    ['a', false],
    ['b', true],
  ])
})

it('one without a name is not kept, and there are never too many', () => {
  expect(putTemplate([], { name: '  ', draft: emptyDraft })).toEqual([])
  const many = Array.from({ length: templatesMax }, (_, at) => ({ name: `t${at}`, draft: emptyDraft }))
  expect(putTemplate(many, { name: 'new', draft: emptyDraft })).toHaveLength(templatesMax)
})

it('text that is no list of templates has none', () => {
  expect([null, '', '{', '{}', '[1,{"draft":{}}]'].map(readTemplates)).toEqual([[], [], [], [], []])
})
