/** Pages whose views can be kept. */
export const viewPages = ['jobs', 'metrics', 'compare'] as const
export type ViewPage = (typeof viewPages)[number]
