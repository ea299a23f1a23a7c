/** The heaviest average that may be asked for: it goes over about a thousand points. */
export const smoothMax = 0.999
