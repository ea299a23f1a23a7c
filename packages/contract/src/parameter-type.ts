/** What kind of value a parameter takes, and so which control it gets. */
export const parameterTypes = ['number', 'integer', 'choice', 'switch'] as const
export type ParameterType = (typeof parameterTypes)[number]
