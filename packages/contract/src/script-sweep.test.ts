import { expect, it } from 'vitest'
import { isSweep, readSweep, type SweepValues } from './script-sweep.ts'

const options = ['resnet18', 'resnet50', 'vit_b', 'vit_l']
const read = (text: string): SweepValues => readSweep(text, { options, valuesMax: 20 })

it.each<[text: string, values: string[]]>([
  ['1e-3, 1e-4', ['1e-3', '1e-4']],
  ['adam', ['adam']],
  ['[1,2],[3,4]', ['[1,2]', '[3,4]']],
  ["'a,b',c\\,d", ["'a,b'", 'c\\,d']],
  ['{a:1,b:2}', ['{a:1,b:2}']],
  ['${a:1,2},x', ['${a:1,2}', 'x']],
  ['choice(a, "b,c", [1,2])', ['a', '"b,c"', '[1,2]']],
  ['range(4)', ['0', '1', '2', '3']],
  ['range(5, 1, -2)', ['5', '3']],
  ['range(start=1,stop=3)', ['1', '2']],
  ['range(0,0.5,0.1)', ['0.0', '0.1', '0.2', '0.3', '0.4']],
  ['glob(*)', options],
  ['glob(resnet*)', ['resnet18', 'resnet50']],
  ['glob([vit_?,resnet18],exclude=*_l)', ['resnet18', 'vit_b']],
  ['glob(exclude=resnet*,include=*)', ['vit_b', 'vit_l']],
])('«%s» is spread out', (text, values) => {
  expect(read(text)).toEqual({ values })
})

it.each([
  ['a,,b', /no value/],
  ['[1,2', /missing/],
  ['1)', /closes nothing/],
  ["'a", /no end/],
  ['range(1,0)', /no value/],
  ['range(1,2,0)', /step other than 0/],
  ['range(1,x)', /numbers/],
  ['range(0,1e999)', /numbers/],
  ['range(21)', /more than 20/],
  ['range(0,1,1e-30)', /more than 20/],
  ['interval(0,1)', /no end of values/],
  ['shuffle(1,2)', /not spread out here/],
  ['choice()', /no value/],
  ['choice(1,2),3', /sweep inside a sweep/],
  ['glob(bert*)', /No option/],
])('«%s» is refused with words', (text, words) => {
  expect(read(text)).toEqual({ message: expect.stringMatching(words) })
})

it('glob goes over options of a group alone', () => {
  expect(readSweep('glob(*)', { valuesMax: 9 })).toEqual({ message: expect.stringMatching(/this is none/) })
})

it('one value is no sweep', () => {
  expect(['a', '[1,2]', "'a,b'", 'a,b', 'range(3)', 'choice(a)'].map(isSweep)).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
  ])
})
