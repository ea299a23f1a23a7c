import type { LogLine } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { viewLogLine } from './log-line-view.ts'
import { createPaint } from './paint.ts'

const coloured = { paint: createPaint({ enabled: true }), colours: true }
const plain = { paint: createPaint({ enabled: false }), colours: false }
const line: LogLine = { n: 0, time: 0, stream: 'stderr', level: 'error', text: 'CUDA out of memory' }

it('a line has the colour of its level', () => {
  expect(viewLogLine(line, coloured)).toBe('\u001B[31mCUDA out of memory\u001B[39m')
})

it('a line without a special level is plain', () => {
  expect(viewLogLine({ ...line, level: 'info' }, coloured)).toBe('CUDA out of memory')
})

it('a line with colours of its own keeps them', () => {
  expect(viewLogLine({ ...line, text: '\u001B[32mok' }, coloured)).toBe('\u001B[32mok\u001B[0m')
})

it('without a terminal there is no code at all', () => {
  expect(viewLogLine({ ...line, text: '\u001B[32mok\u001B[0m' }, plain)).toBe('ok')
})
