export const xAxes = ['step', 'epoch', 'relative', 'wall'] as const
/** `relative` is ms since the job's start, `wall` is ms since 1970 corrected by the clock offset. */
export type XAxis = (typeof xAxes)[number]
