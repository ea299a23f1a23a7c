/** What a key found in a log stands for. */
export type MetricRole =
  /** Names a loss, an accuracy or the like: proof that the line is about training. */
  | 'quality'
  /** A number worth keeping on a line that is about training. */
  | 'measure'
  | 'step'
  | 'totalSteps'
  | 'epoch'
  | 'totalEpochs'
  /** Times, sizes, addresses, counters of the machinery. */
  | 'noise'

const steps = new Set(
  'step steps global_step _step iter iters iteration it update updates num_updates train_step trainer/global_step train/global_step'.split(
    ' ',
  ),
)
const epochs = new Set(['epoch', 'train/epoch', 'trainer/epoch'])
const totalSteps = new Set(['total_steps', 'max_steps', 'num_training_steps', 'total_iters', 'max_iters'])
const totalEpochs = new Set(['epochs', 'total_epochs', 'num_epochs', 'max_epochs', 'num_train_epochs'])

const qualityWords = new Set(
  (
    'loss losses acc accuracy acc1 acc5 acc@1 acc@5 top1 top5 f1 ppl perplexity nll mse mae rmse mape bleu rouge rouge1 rouge2 rougel wer ' +
    'cer auc auroc auprc map50 map50-95 iou miou dice reward rewards kl psnr ssim fid recall precision bpb bpc elbo ' +
    'gnorm mrr ndcg r2 chrf meteor'
  ).split(' '),
)
/** A setting, not a measurement, when it ends so: `loss_weight`. */
const settingEnds = new Set(
  'weight weights coef coeff coefficient alpha beta fn type threshold eps epsilon factor interval every freq frequency patience dim k'.split(
    ' ',
  ),
)
const noiseEnds = new Set(
  (
    'time date datetime timestamp ts eta elapsed remaining mem memory vram ram rss size bytes pid ppid port seed version rank ' +
    'world_size line lineno level device devices gpu gpus cuda cpu cpus host hostname node nodes id ids thread threads workers ' +
    'params parameters examples num v_num year month day hour hours minutes wall free gb mb kb status code exit attempt retry retries'
  ).split(' '),
)
const noiseKeys = new Set([
  '_runtime',
  '_wandb',
  'batch_size',
  'bs',
  'n',
  'v_num',
  'world_size',
  'gb_free',
  'train_wall',
  'max_mem',
])

/** Says what a normalised key stands for. */
export function metricRole(key: string): MetricRole {
  if (steps.has(key)) return 'step'
  if (epochs.has(key)) return 'epoch'
  if (totalSteps.has(key)) return 'totalSteps'
  if (totalEpochs.has(key)) return 'totalEpochs'
  const words = key.split(/[_/.\s-]+/)
  const last = words.at(-1) ?? ''
  if (noiseKeys.has(key) || noiseEnds.has(last) || words[0] === 'num') return 'noise'
  if (settingEnds.has(last)) return 'measure'
  return qualityWords.has(key) || words.some((word) => qualityWords.has(word)) ? 'quality' : 'measure'
}
