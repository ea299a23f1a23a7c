/** Numbers that look random and come back with the same seed (mulberry32, a public-domain generator of 32 bits). */
export type Random = {
  /** From `least` to below `most`. */
  between(least: number, most: number): number
  /** One of `choices`. */
  pick<Choice>(choices: readonly Choice[]): Choice
}

export function makeRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    between: (least, most) => least + next() * (most - least),
    pick: (choices) => {
      const choice = choices[Math.floor(next() * choices.length)]
      if (choice === undefined) throw new RangeError('There is nothing to pick from.')
      return choice
    },
  }
}
