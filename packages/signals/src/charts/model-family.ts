/**
 * What people of each kind of training look at first. The kind is what the job says of its model, else what its metrics
 * are called, else what its model is called. It only decides the order of charts: nothing is hidden by it.
 */
export type ModelFamily = {
  name: 'reinforcement' | 'detection' | 'generative' | 'language' | 'classification'
  /** Words by which jobs call the kind of their model, and by which models of that kind are called. */
  types: RegExp
  models: RegExp
  /** Keys that no other kind has. */
  signs: RegExp
  /** Titles of charts, the most looked-for first. */
  first: readonly RegExp[]
}

/** What the job says of its model, and its own metrics where others are among those that are grouped. */
export type ModelWords = {
  modelType?: string | null | undefined
  model?: string | null | undefined
  ownKeys?: readonly string[]
}

const learningRate = /^lr$|(^|[/_])(lr|learning.?rate)(-\w+)?$/
const gradNorm = /grad.*norm|gnorm/
const loss = /^loss$/

/** In the order in which keys are asked: what has rewards or boxes has an accuracy too. */
export const modelFamilies: readonly ModelFamily[] = [
  {
    name: 'reinforcement',
    types: /^(rl|rlhf|ppo|dqn|sac|a2c|td3|grpo|impala)$|reinforc|policy|actor.?critic|\bagent\b/,
    models: /\b(ppo|dqn|sac|a2c|td3|grpo)\b/,
    signs:
      /(^|[^a-z])ep(isode|isodic)?[_/. ]?(rew|ret|len|mean_rew)|episod|approx_kl|clip_?frac|explained_var|policy_(gradient_)?loss|pg_loss|actor_loss|td_(error|loss)|(^|[/_.])(mean_)?(reward|return)s?([_/.]mean)?$/,
    first: [
      /ep\w*[_/. ]?(mean_)?(rew|ret)|(^|[/_. ])(mean_)?(reward|return)s?([_/. ]mean)?$/,
      /ep\w*[_/. ]?(mean_)?len/,
      /(^|[^a-z])kl([^a-z]|$)/,
      /entropy/,
      /success|win.?rate/,
      /(policy|pg|actor).*loss/,
      /(value|vf|critic|q|td).*loss/,
      loss,
      /explained_var/,
      /clip_?frac/,
    ],
  },
  {
    name: 'detection',
    types: /detect|yolo|rcnn|detr|\bssd\b|segment/,
    models: /yolo|rcnn|detr\b|retinanet|mask2former/,
    signs: /(^|[^a-z])m?ap([@_]?\.?\d|[^a-z]|$)|(box|bbox|dfl|obj|rpn|giou|mask)\w*_loss|loss_(bbox|box_reg|giou|objectness|rpn\w*|mask)|miou/, // prettier-ignore
    first: [
      loss,
      /map[@_. ]?\.?50[-:_. ]+\.?95|(^|[^a-z])map(\(\w\))?$|(^|[/_])ap$|^miou$/,
      /(box|bbox|giou)\w*loss|loss_(bbox|box_reg|giou)/,
      /(cls|class|ce)\w*loss|loss_(ce|cls|classifier)/,
      /loss/,
      /(^|[^a-z])m?ap|iou|dice/,
      /precision|recall/,
    ],
  },
  {
    name: 'generative',
    types: /diffusion|\bgan\b|generative|\bvae\b|ddpm|flow.?match|\bdit\b/,
    models: /diffusion|gan\b|\bvae\b|ddpm|\bdit\b|\bunet\b|\bflux\b/,
    signs:
      /(^|[^a-z])(g|gen|generator|d|disc|discriminator)[_/. ]?loss|loss[_/. ]?(g|gen|generator|d|disc|discriminator)($|[^a-z])|(^|[^a-z])(fid|kid|lpips)([^a-z]|$)|inception|noise_pred/,
    first: [
      /(^|[^a-z])(g|gen|generator)[_/. ]?loss|loss[_/. ]?(g|gen|generator)($|[^a-z])/,
      /(^|[^a-z])(d|disc|discriminator)[_/. ]?loss|loss[_/. ]?(d|disc|discriminator)($|[^a-z])/,
      loss,
      /(^|[^a-z])fid([^a-z]|$)/,
      /(^|[^a-z])(kid|lpips|ssim|psnr)([^a-z]|$)|inception|clip_?score/,
      /loss/,
      learningRate,
      gradNorm,
    ],
  },
  {
    name: 'language',
    types:
      /(^|[^a-z])(llm|lm|slm|gpt|llama|seq2seq)s?([^a-z]|$)|causal|language|text.?gen|translation|instruct|\bsft\b/,
    models: /(^|[^a-z])(gpt|llama|mistral|mixtral|qwen|gemma|phi|pythia|opt|t5|bert|falcon|deepseek|smollm)(?![a-z])/,
    signs: /(^|[^a-z])(ppl|bpb|bpc|bleu|rouge\w*|mfu)([^a-z]|$)|perplexity|token|bits.per/,
    first: [
      loss,
      /(^|[^a-z])ppl([^a-z]|$)|perplexity|(^|[^a-z])bp[bc]([^a-z]|$)|bits.per/,
      learningRate,
      /tok(en)?s?.*(\/|per|_)_?s(ec(ond)?)?(\W|$)|(^|[^a-z])(tps|mfu)([^a-z]|$)|throughput/,
      gradNorm,
      /loss/,
      /reward/,
      /bleu|rouge|(^|[^a-z])(wer|cer)([^a-z]|$)/,
      /acc/,
    ],
  },
  {
    name: 'classification',
    types: /classif|resnet|\bvit\b|convnext|efficientnet|\bcnn\b|sentiment/,
    models: /resnet|\bvit\b|convnext|efficientnet|mobilenet|densenet/,
    signs: /(^|[^a-z])(acc|top[-_]?[15]|f1|auc|auroc)([^a-z]|$)|accuracy|f1|acc@/,
    first: [
      loss,
      /acc|top[-_]?1([^0-9]|$)/,
      /(^|[^a-z])f1/,
      /auc|auroc/,
      /precision|recall/,
      /top[-_]?5/,
      /loss/,
      learningRate,
      gradNorm,
    ],
  },
]

/** The kind of training; undefined when nothing tells. */
export function findFamily(keys: readonly string[], { modelType, model }: ModelWords = {}): ModelFamily | undefined {
  const [type, name] = [modelType?.toLowerCase(), model?.toLowerCase()]
  const small = keys.map((key) => key.toLowerCase())
  return (
    (type === undefined ? undefined : modelFamilies.find(({ types }) => types.test(type))) ??
    modelFamilies.find(({ signs }) => small.some((key) => signs.test(key))) ??
    (name === undefined ? undefined : modelFamilies.find(({ models }) => models.test(name)))
  )
}
