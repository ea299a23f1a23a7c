/**
 * Checks the imports of the tree in the folder given (default: the whole house) against `rules.ts`; exit code 1 when one
 * is broken. It lives outside the workspaces because dependency-cruiser reads nothing under TypeScript 7 and then
 * reports success: here it has TypeScript 6, and a run that saw no modules fails.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser'
import { reachRules, rules } from './rules.ts'

const root = resolve(process.argv[2] ?? `${import.meta.dirname}/../..`)
const folders = ['packages', 'bench', 'tools'].filter((folder) => existsSync(`${root}/${folder}`))

const results = [await check(rules, true), await check(reachRules, false)]
process.exitCode = Math.max(...results.map(report))

/** `types` says whether imports of types count. */
async function check(forbidden: IForbiddenRuleType[], types: boolean): Promise<ICruiseResult> {
  const { output } = await cruise(folders, {
    baseDir: root,
    ruleSet: { forbidden },
    validate: true,
    tsPreCompilationDeps: types,
    exclude: { path: String.raw`(^|/)dist/|^tools/arch/|\.(css|json|woff2)$` },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
  })
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered with text, a result was expected')
  return output
}

function report({ summary, modules }: ICruiseResult): number {
  const own = modules.filter(({ source }) => source.startsWith('packages/') && !source.includes('node_modules'))
  for (const { rule, from, to, cycle } of summary.violations) {
    const way = cycle ? cycle.map((step) => step.name).join(' → ') : to
    console.log(
      `${from} → ${way}\n    ${rule.name}: ${[...rules, ...reachRules].find(({ name }) => name === rule.name)?.comment ?? ''}`,
    )
  }
  console.log(
    `${own.length} modules, ${summary.totalDependenciesCruised ?? 0} imports, ${summary.violations.length} violations`,
  )
  if (own.length === 0) console.log('No modules were read, so nothing was checked.')
  return own.length === 0 || summary.violations.length > 0 ? 1 : 0
}
