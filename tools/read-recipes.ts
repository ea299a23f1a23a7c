/**
 * Takes the recipes out of CONTRIBUTING.md: which code goes where, and what must then pass. A step is a sentence that ends
 * in «In `file`, below `text`:» (or above, or instead of), or «New file `file`:», with a block of code behind it.
 */

export type RecipeStep = { file: string; code: string } & (
  | { how: 'new' }
  | { how: 'below' | 'above' | 'instead of'; anchor: string }
)
export type Recipe = { name: string; steps: RecipeStep[]; tests: string[] }

const stepPattern =
  /(?:New file `([^`\n]+)`|In `([^`\n]+)`, (below|above|instead of) `([^\n]+?)`):\n\n```\w+\n([\s\S]*?)```/g

/** The recipes of a guide, by heading. */
export function readRecipes(guide: string): Recipe[] {
  const sections = guide.slice(guide.indexOf('\n## Recipes')).split('\n### ').slice(1)
  return sections.map((section) => ({
    name: section.slice(0, section.indexOf('\n')),
    steps: [...section.matchAll(stepPattern)].map(readStep),
    tests: [...section.matchAll(/^`npm test -- ([^`]+)`$/gm)].flatMap(([, paths = '']) => paths.split(' ')),
  }))
}

/**
 * The file as it is after the step.
 * @throws Error when the place that the step names is not there.
 */
export function applyStep(step: RecipeStep, before: string | undefined): string {
  if (step.how === 'new') {
    if (before !== undefined) throw new Error(`${step.file} exists already.`)
    return step.code
  }
  const at = before?.indexOf(step.anchor) ?? -1
  if (before === undefined || at < 0) throw new Error(`${step.file} has no «${step.anchor}».`)
  if (step.how === 'instead of') return before.slice(0, at) + step.code.trim() + before.slice(at + step.anchor.length)
  const lineStart = before.lastIndexOf('\n', at) + 1
  const lineEnd = before.indexOf('\n', at) + 1
  const place = step.how === 'above' ? lineStart : lineEnd
  return before.slice(0, place) + step.code + before.slice(place)
}

function readStep([, created, changed = '', how, anchor = '', code = '']: RegExpExecArray): RecipeStep {
  if (created !== undefined) return { file: created, code, how: 'new' }
  if (how === 'below' || how === 'above' || how === 'instead of') return { file: changed, code, how, anchor }
  throw new Error(`«${how ?? ''}» is no place.`)
}
