/** Which package may import which; every other import between packages is a violation. docs/ARCHITECTURE.md draws it. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  signals: ['contract'],
  series: ['contract'],
  fleet: ['contract'],
  dispatch: ['contract'],
  client: ['contract'],
  server: ['contract', 'signals', 'series', 'fleet', 'dispatch'],
  web: ['client', 'signals', 'contract'],
  terminal: ['client', 'signals', 'fleet', 'contract'],
  app: ['contract', 'signals', 'series', 'fleet', 'dispatch', 'client', 'server', 'terminal'],
}
