import { randomInt } from 'node:crypto'

/** Letters and digits that nobody takes for one another. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
const length = 10

/** A new job's uid: 49 bits of chance, easy to read out and to type. */
export function makeUid(random: (max: number) => number = randomInt): string {
  return Array.from({ length }, () => letters[random(letters.length)]).join('')
}
