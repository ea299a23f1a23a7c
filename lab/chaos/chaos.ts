/**
 * `npm run chaos -- [server] [trainer] [database] [--rounds 50] [--seed 1] [--database postgres://…]`: kills what is named, again and
 * again at random moments under load, and checks that nothing acknowledged is lost, doubled or out of order.
 */
import { parseArgs } from 'node:util'
import { killAtRandom, type Victim, victims } from './kill-rounds.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    database: { type: 'string' },
  },
})
const isVictim = (name: string): name is Victim => victims.some((victim) => victim === name)
const wrong = positionals.find((name) => !isVictim(name))
if (wrong !== undefined) {
  console.error(`${wrong} cannot be killed; there are ${victims.join(', ')}.`)
  process.exit(2)
}
for (const victim of positionals.length > 0 ? positionals.filter(isVictim) : victims) {
  console.log(`${victim}: ${values.rounds} rounds with the seed ${values.seed}`)
  const { rounds, jobs, points, lines } = await killAtRandom({
    victim,
    rounds: Number(values.rounds),
    seed: Number(values.seed),
    databaseUrl: values.database,
    say: (text) => console.log(`  ${text}`),
  })
  console.log(
    `${victim}: ${rounds} kills, ${jobs} jobs, ${points} points and ${lines} lines, each there once and in order`,
  )
}
