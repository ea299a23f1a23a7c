/**
 * What Node is started with for a screen that stays open for weeks: without compilers that keep their code and tables, and with a young
 * generation of 1 MB that is swept before it grows. After 8640 updates in fast motion it held 56 to 68 MB (RSS), 107 without these
 * flags; which of it depends on when garbage was last collected.
 */
export const topNodeFlags = ['--max-semi-space-size=1', '--optimize-for-size', '--no-opt', '--no-maglev'] as const
