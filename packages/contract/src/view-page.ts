/** Pages whose views can be kept; a view of `launch` is a preset of its form (`launch-preset.ts`). */
export const viewPages = ['jobs', 'metrics', 'compare', 'launch'] as const
export type ViewPage = (typeof viewPages)[number]
