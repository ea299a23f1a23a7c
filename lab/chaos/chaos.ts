/**
 * `npm run chaos -- [server] [trainer] [database] [batch] [--rounds 50] [--seed 1] [--database postgres://…]`: kills what is named,
 * again and again at random moments under load, and checks that nothing acknowledged is lost, doubled or out of order. `batch`: the
 * server and a worker while 20,000 requests go through.
 */
import { parseArgs } from 'node:util'
import { killDuringBatch } from './batch-rounds.ts'
import { killAtRandom, type Victim, victims } from './kill-rounds.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    database: { type: 'string' },
  },
})
const batchRequests = 20_000
const names = ['batch', ...victims] as const
const isName = (name: string): name is (typeof names)[number] => names.some((one) => one === name)
const wrong = positionals.find((name) => !isName(name))
if (wrong !== undefined) {
  console.error(`${wrong} cannot be killed; there are ${names.join(', ')}.`)
  process.exit(2)
}
const setting = {
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  databaseUrl: values.database,
  say: (text: string) => console.log(`  ${text}`),
}
for (const name of positionals.length > 0 ? positionals.filter(isName) : names) {
  console.log(`${name}: ${values.rounds} rounds with the seed ${values.seed}`)
  if (name === 'batch') {
    const { kills, ...result } = await killDuringBatch({ ...setting, requests: batchRequests })
    console.log(`${name}: ${JSON.stringify(kills)} kills, of ${batchRequests} requests ${JSON.stringify(result)}`)
  } else await killSteadily(name)
}

async function killSteadily(victim: Victim): Promise<void> {
  const { rounds, jobs, points, lines } = await killAtRandom({ ...setting, victim })
  console.log(
    `${victim}: ${rounds} kills, ${jobs} jobs, ${points} points and ${lines} lines, each there once and in order`,
  )
}
