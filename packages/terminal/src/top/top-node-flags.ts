/**
 * What Node is started with for a screen that stays open for weeks: without compilers that keep their code and tables, with a young
 * generation of 1 MB that is swept before it grows, and with garbage collected by hand (`keepHeapSmall`). After 8640 updates in fast
 * motion it holds 52 MB (RSS), 53 after a week's; 55 to 68 without the last flag, 107 without all of them. Bare Node holds 41.
 */
export const topNodeFlags = [
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--no-opt',
  '--no-maglev',
  '--expose-gc',
] as const
