/** CPU time of this process so far, ms: what a test of speed measures, because the machine may be busy with others. */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
