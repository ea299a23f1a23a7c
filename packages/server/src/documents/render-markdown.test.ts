import { expect, test } from 'vitest'
import { markdownLengthMax, renderMarkdown } from './render-markdown.ts'

test('Markdown becomes markup', () => {
  const { text } = renderMarkdown(
    '# Seen\n\n**better** than `lr=1`\n\n- [x] warmup\n- [ ] decay\n\n|a|b|\n|-|-|\n|1|2|',
  )
  expect(text).toContain('<h4>Seen</h4>')
  expect(text).toContain('<strong>better</strong> than <code>lr=1</code>')
  expect(text).toContain('aria-label="done"')
  expect(text).toContain('aria-label="to do"')
  expect(text).toContain('<td>1</td>')
})

test.each([
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '</style><script>alert(1)</script>',
  '[x](javascript:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '![x](javascript:alert(1))',
  '![a](http://elsewhere.example/p.png "t")',
  '![" onerror="alert(1)](http://elsewhere.example/"onerror="x)',
  '<input type="checkbox" onfocus=alert(1)>',
])('«%s» runs nothing and fetches nothing', (source) => {
  const { text } = renderMarkdown(source)
  expect(text).not.toMatch(/<(?:script|img|style|input|iframe)/i)
  expect(text).not.toMatch(/href="(?!http|")/i)
  expect(text).not.toMatch(/<[^>]*\son\w+=/i)
})

test('a text that is too long for it stands as it was written', () => {
  const { text } = renderMarkdown(`<b>${'*a '.repeat(markdownLengthMax)}`)
  expect(text.startsWith('<pre class="words">&lt;b&gt;*a')).toBe(true)
})
