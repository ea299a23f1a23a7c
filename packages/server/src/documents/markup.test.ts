import { expect, test } from 'vitest'
import { markup } from './markup.ts'

test('what is put into a template is text, in elements and in attributes', () => {
  const name = `</style><script>alert('1')</script>"><img onerror=x>`
  expect(markup`<p title="${name}">${name}</p>`.text).toBe(
    '<p title="&lt;/style&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&gt;&lt;img onerror=x&gt;">' +
      '&lt;/style&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&gt;&lt;img onerror=x&gt;</p>',
  )
})

test('templates within templates stay markup, and nothing is nothing', () => {
  const items = ['a', '<b>'].map((text) => markup`<li>${text}</li>`)
  expect(markup`<ul>${items}</ul>${null}${false}${undefined}${0}`.text).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>0')
})

test('what HTML cannot hold becomes a sign that stands for it', () => {
  expect(markup`${'a\u0000b\u001Bc\n\td'}`.text).toBe('a\uFFFDb\uFFFDc\n\td')
})
