/** How scripts take arguments, and how each of them is written on the command line. */

export const scriptKinds = ['hydra', 'argparse', 'jsonargparse', 'none'] as const

export const scriptFieldTypes = ['text', 'integer', 'number', 'boolean', 'choice', 'list', 'object', 'any'] as const

/**
 * `assign`: `key=value` of Hydra · `option`: `--key=value` · `append`: the same, once for each value · `flag`: `--key`, which
 * stands alone · `switch`: `--key` or the word for «off» · `count`: `--key`, so many times · `place`: the value by its place
 */
export const scriptFieldForms = ['assign', 'option', 'append', 'flag', 'switch', 'count', 'place'] as const
