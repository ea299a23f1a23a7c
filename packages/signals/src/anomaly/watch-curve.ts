import type { Finding } from './anomaly.ts'
import { type DivergenceWatch, findBroken, findDivergence, noDivergence } from './find-divergence.ts'
import { type PlateauWatch, findPlateau, noPlateau } from './find-plateau.ts'
import { type SpikeWatch, findSpike, isUp, noSpike } from './find-spike.ts'
import { type MeanBlocks, emptyBlocks, foldBlocks } from './mean-blocks.ts'
import { type NoiseTrack, foldNoise, measureNoise, startNoise } from './noise-track.ts'

/** What is remembered of one curve of which less is better: under two hundred numbers, and plain JSON. */
export type CurveWatch = {
  noise: NoiseTrack | null
  blocks: MeanBlocks
  spike: SpikeWatch
  plateau: PlateauWatch
  divergence: DivergenceWatch
}

export const newCurve: CurveWatch = {
  noise: null,
  blocks: emptyBlocks,
  spike: noSpike,
  plateau: noPlateau,
  divergence: noDivergence,
}

/** In scales: more than that of one value does not go into the means. */
const cutScales = 6

/** One that may be changed. */
export function copyCurve({ noise, blocks, spike, plateau, divergence }: CurveWatch): CurveWatch {
  return {
    noise: noise && { ...noise },
    blocks: { ...blocks, means: [...blocks.means] },
    spike: { ...spike },
    plateau: { ...plateau },
    divergence: { ...divergence },
  }
}

/** Takes a point into `curve`, which is the caller's own. `sign` is -1 where more is better. */
export function foldCurve(curve: CurveWatch, { value, sign }: { value: number; sign: 1 | -1 }): Finding[] {
  if (!Number.isFinite(value)) {
    const broken = findBroken(curve.divergence, value)
    return broken ? [broken] : []
  }
  const turned = sign * value
  curve.noise ??= startNoise(turned)
  const { noise } = curve
  const words = { sign }
  const spike = findSpike(curve.spike, noise, { value: turned, ...words })
  const isFull = foldBlocks(curve.blocks, cutValue(noise, turned))
  foldNoise(noise, turned, isUp(curve.spike))
  const divergence = findDivergence(curve.divergence, noise, { value: turned, ...words })
  const plateau = isFull ? findPlateau(curve.plateau, curve.blocks, sign) : null
  return [spike, plateau, divergence].filter((one) => one !== null)
}

/** What lies far away goes into the means as if it lay nearer. */
function cutValue(noise: NoiseTrack, value: number): number {
  const beyond = Math.abs(measureNoise(noise, value)) - cutScales
  return beyond > 0 ? value - Math.sign(value - noise.level) * beyond * noise.scale : value
}
