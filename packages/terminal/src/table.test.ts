import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { shorten, viewTable } from './table.ts'

describe('a table', () => {
  it('lines its columns up, whatever the script', () => {
    const rows = [
      [{ text: '日本語' }, { text: '1' }],
      [{ text: 'é' }, { text: '22' }],
    ]
    expect(viewTable([{ title: 'NAME' }, { title: 'N', align: 'right' }], rows, 80)).toEqual([
      'NAME     N',
      '日本語   1',
      'é       22',
    ])
  })

  it('shortens the elastic column until the table fits', () => {
    const lines = viewTable(
      [{ title: 'A', elastic: true }, { title: 'B' }],
      [[{ text: 'x'.repeat(50) }, { text: 'done' }]],
      30,
    )
    expect(lines.map((line) => stringWidth(line))).toEqual([27, 30])
    expect(lines[1]).toContain('… ')
  })

  it('paints a cell without changing its width', () => {
    const rows = [[{ text: 'ok', paint: (text: string) => `<${text}>` }, { text: 'end' }]]
    expect(viewTable([{ title: 'STATE' }, { title: 'B' }], rows, 80)[1]).toBe('<ok>     end')
  })
})

it('a shortened text never splits a character', () => {
  expect(shorten('a👨‍👩‍👧b', 3)).toBe('a…')
  expect(shorten('abc', 3)).toBe('abc')
})
