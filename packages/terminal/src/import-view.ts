import type { ImportAnswer } from '@pilothouse/contract'
import { sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'

/** Problems shown of one file; `--json` has all of them. */
const problemsShownMax = 50

/** What became of the jobs of one file: counts, what it lacks, what is wrong in it. */
export function viewImport(answer: ImportAnswer, paint: Paint): string[] {
  const { file, dryRun, counts, problems } = answer
  const told = Object.entries(counts).filter(([, count]) => count > 0)
  const words = told.map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'no jobs in it'
  const shown = problems.slice(0, problemsShownMax)
  const hidden = problems.length - shown.length
  return [
    `${sanitizeForTerminal(file)}: ${words}${dryRun ? ', if it were not a dry run' : ''}`,
    ...viewLacking(answer).map((line) => paint('dim', line)),
    ...shown.flatMap(({ place, message, expected }) => [
      `  ${paint('yellow', '!')} ${sanitizeForTerminal(place)}: ${sanitizeForTerminal(message)}`,
      paint('dim', `      expected: ${sanitizeForTerminal(expected)}`),
    ]),
    ...(hidden > 0 ? [`  … and ${hidden} more; --json shows all.`] : []),
  ]
}

/** Things that the file does not tell, by how many jobs lack them. */
function viewLacking({ jobs }: ImportAnswer): string[] {
  const counts = new Map<string, number>()
  for (const lack of jobs.flatMap(({ lacks }) => lacks)) counts.set(lack, (counts.get(lack) ?? 0) + 1)
  const sorted = [...counts].toSorted(([, one], [, other]) => other - one).slice(0, 8)
  if (sorted.length === 0) return []
  return [`  not in the file: ${sorted.map(([lack, count]) => `${sanitizeForTerminal(lack)} (${count})`).join(', ')}`]
}
