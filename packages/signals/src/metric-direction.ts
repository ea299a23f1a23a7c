/** What the name of a metric says about it. Names are read as words: `val/top1_accuracy` is val, top1, accuracy. */

const higherWords = new Set(
  (
    'acc accuracy accuracies top1 top5 acc1 acc5 f1 f1score auc auroc auprc ap ap50 ap75 map map50 precision recall iou miou dice bleu rouge rouge1 ' +
    'rouge2 rougel meteor chrf reward rewards return returns score r2 psnr ssim mrr ndcg hit hits success win winrate ' +
    'throughput mfu ips fps tps samples tokens examples correct margin likelihood'
  ).split(' '),
)
const lowerWords = new Set(
  (
    'loss losses error errors err ppl perplexity nll ce bce mse mae rmse mape wer cer fid kl kld bpb bpc bpd latency ' +
    'regret elbo cost entropy time runtime duration seconds overfit'
  ).split(' '),
)
const trainWords = new Set(['train', 'training', 'running', 'total', 'avg', 'mean', 'smoothed', 'batch', 'step'])
const heldOutWords = new Set(['val', 'valid', 'validation', 'eval', 'evaluation', 'test', 'dev'])

/** Names come again with each report of each job: what was read of so many is remembered. */
const namesMax = 10_000
const directions = new Map<string, 'lower' | 'higher' | null>()
const ranks = new Map<string, number>()

/** Whether less is better, as for a loss, or more, as for an accuracy; null where the name does not tell: a learning rate, an epoch. */
export function metricDirection(key: string): 'lower' | 'higher' | null {
  return remember(directions, key, findDirection)
}

function findDirection(key: string): 'lower' | 'higher' | null {
  const words = splitWords(key)
  // The last word that means something decides: `loss_accuracy` is an accuracy, `accuracy_loss` a loss.
  for (let at = words.length - 1; at >= 0; at -= 1) {
    const word = words[at] ?? ''
    if (word === 'likelihood' && words[at - 1] === 'log' && words[at - 2] === 'negative') return 'lower'
    if (higherWords.has(word)) return 'higher'
    if (lowerWords.has(word)) return 'lower'
  }
  return null
}

/** True for what is measured on data that was kept aside, by its name: `val/loss`. */
export function isHeldOut(key: string): boolean {
  return splitWords(key).some((word) => heldOutWords.has(word))
}

/** True for the size of the gradient, by its name: `grad_norm`. */
export function isGradientNorm(key: string): boolean {
  const words = splitWords(key)
  return words.includes('norm') && words.some((word) => word.startsWith('grad'))
}

/**
 * Order in which keys are chosen for the one curve of a card, smallest first: the loss itself, the training loss, any
 * other training loss, a held-out loss, then other measures of quality, then anything.
 */
export function rankMetric(key: string): number {
  return remember(ranks, key, findRank)
}

function findRank(key: string): number {
  const words = splitWords(key)
  const isLoss = words.includes('loss') || words.includes('losses')
  if (!isLoss) return rankOther(words)
  if (words.length === 1) return 0
  const others = words.filter((word) => word !== 'loss' && word !== 'losses')
  if (others.some((word) => heldOutWords.has(word))) return others.length === 1 ? 4 : 5
  if (others.every((word) => trainWords.has(word))) return others.length === 1 ? 1 : 2
  return 3
}

function rankOther(words: readonly string[]): number {
  const quality = words.some((word) => higherWords.has(word) || lowerWords.has(word))
  if (words.some((word) => word === 'time' || word === 'runtime' || word === 'seconds' || word === 'second')) return 9
  if (words.some((word) => word === 'ppl' || word === 'perplexity' || word === 'nll')) return 6
  return quality ? 7 : 8
}

function remember<Fact>(known: Map<string, Fact>, key: string, find: (key: string) => Fact): Fact {
  const fact = known.get(key)
  if (fact !== undefined) return fact
  const found = find(key)
  if (known.size >= namesMax) known.clear()
  known.set(key, found)
  return found
}

function splitWords(key: string): string[] {
  return key
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}
