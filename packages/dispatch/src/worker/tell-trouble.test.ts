import { expect, test } from 'vitest'
import { tellTrouble } from './tell-trouble.ts'

test('trouble of each kind is told at most once a minute', () => {
  const told: string[] = []
  let nowMs = 0
  const tell = tellTrouble(
    ({ message }) => told.push(message),
    () => nowMs,
  )
  tell('beat', new Error('The server is away.'))
  nowMs = 59_999
  tell('beat', new Error('The server is away.'))
  tell('lease', 'no')
  nowMs = 60_000
  tell('beat', new Error('Again.'))
  expect(told).toEqual([
    'The control room cannot be told that this worker is alive: The server is away.',
    'The control room cannot be asked for requests: no',
    'The control room cannot be told that this worker is alive: Again.',
  ])
})
