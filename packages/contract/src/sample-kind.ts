export const sampleKinds = ['image', 'table', 'histogram', 'text'] as const
/** What a script can log beside numbers, to be browsed by step. */
export type SampleKind = (typeof sampleKinds)[number]

/** What an image may be, told by its first bytes and never by its name. SVG is a program and never taken. */
export const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const
export type ImageType = (typeof imageTypes)[number]
