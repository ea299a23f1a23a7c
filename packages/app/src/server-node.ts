/** What Node is started with for a server, beside what it is told at run time; the measurements are in docs/decisions/memory.md. */

/**
 * Room for short-lived objects, MB for each of its halves and in every thread: it outweighs what a thread asks for. V8 alone lets
 * it grow to 16, and keeps it. And the collector, which threads call when their heaps have grown (server/src/system).
 */
export const serverNodeFlags = ['--max-semi-space-size=2', '--expose-gc'] as const

/**
 * For the allocator of glibc, which alone knows them: 2 arenas instead of 8 for each core, and large blocks given back as they are
 * freed instead of kept once one of their size was. Other systems ignore them.
 */
export const serverAllocator = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' } as const

/** The allocator has read them when this process began; jobs and others that are started from here are not to be given them. */
export function forgetAllocator(environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(serverAllocator)) if (environment[name] === value) delete environment[name]
}
