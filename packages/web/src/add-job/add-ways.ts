/** The ways to begin, as the address names them. */
export const addWays = ['sdk', 'run', 'import'] as const
export type AddWay = (typeof addWays)[number]
