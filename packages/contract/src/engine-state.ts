/** `unknown`: nobody has looked yet. `failing`: it did not answer, or not as an engine does, twice in a row. */
export const engineStates = ['unknown', 'healthy', 'failing', 'paused'] as const
export type EngineState = (typeof engineStates)[number]
