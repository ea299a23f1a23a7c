/**
 * What can be said of a change. `changed`: an effect, of which nobody says whether it is good. `tooShort`: too little
 * before the change, or until the next one; `tooEarly`: too little after it yet.
 */
export const impactVerdicts = ['better', 'worse', 'changed', 'none', 'tooNoisy', 'tooEarly', 'tooShort'] as const
export type ImpactVerdict = (typeof impactVerdicts)[number]
