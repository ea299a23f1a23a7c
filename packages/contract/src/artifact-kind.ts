export const artifactKinds = ['model', 'dataset', 'checkpoint', 'file', 'deployment'] as const
/** What an artifact is; a `deployment` is an address where a model answers. */
export type ArtifactKind = (typeof artifactKinds)[number]

export const artifactDirections = ['output', 'input'] as const
/** Whether the job made it or used it. */
export type ArtifactDirection = (typeof artifactDirections)[number]
