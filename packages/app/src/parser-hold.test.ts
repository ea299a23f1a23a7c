import { expect, it } from 'vitest'
import { type LogReading, type SdkWord, builtInPatterns, readLine, startLogReader } from '@pilothouse/signals'
import { ParserHold } from './parser-hold.ts'

const reading = (): LogReading => readLine(startLogReader(), 'Step 1: loss = 0.5', builtInPatterns)

function open() {
  const passed: number[] = []
  let word: SdkWord = 'none'
  const hold = new ParserHold({ pass: ({ time }) => passed.push(time), listen: () => word })
  const say = (said: SdkWord) => {
    word = said
  }
  return { hold, passed, say }
}

it('the numbers of an ordinary program are passed on at once', () => {
  const { hold, passed } = open()
  hold.take(reading(), 1)
  expect(passed).toEqual([1])
})

it('those of a script with the SDK are held, and forgotten when it sends its own', () => {
  const { hold, passed, say } = open()
  say('init')
  hold.take(reading(), 1)
  say('log')
  hold.take(reading(), 2)
  hold.end()
  expect(passed).toEqual([])
})

it('a script that sends no numbers of its own for a minute has those that it prints, with their times', () => {
  const { hold, passed, say } = open()
  say('init')
  hold.take(reading(), 1)
  hold.take(reading(), 60_002)
  hold.take(reading(), 60_003)
  expect(passed).toEqual([1, 60_002, 60_003])
})

it('a script that ends without numbers of its own has those that it printed', () => {
  const { hold, passed, say } = open()
  say('init')
  hold.take(reading(), 1)
  hold.end()
  expect(passed).toEqual([1])
})

it('only so many are held', () => {
  const { hold, passed, say } = open()
  say('init')
  for (let time = 0; time <= 2_000; time += 1) hold.take(reading(), time)
  expect(passed).toHaveLength(2_001)
})
