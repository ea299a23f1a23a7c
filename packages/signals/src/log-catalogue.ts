/**
 * The patterns that are known without being told, in the order in which they are tried. To add one: a sample line with
 * the facts expected of it into log-samples.test.ts, then an entry here. Every repetition is bounded, or stops at a
 * character that ends it, so that a line is read in time proportional to its length (parse-log-line.test.ts checks it).
 */
import type { LogPattern } from './log-facts.ts'

/** A count, with separators of thousands. */
const count = String.raw`\d{1,12}(?:,\d{3}){0,4}`
/** A count as tqdm scales it: `1.23k`, `4.5Gi`. */
const scaled = String.raw`\d{1,15}(?:\.\d{1,6})?(?:[kKMGTP]i?)?`
const notInsideWord = String.raw`(?<![\w./\\-])`
const countEnds = String.raw`(?![\w%]|[.,:/-]\w)`

function pattern(source: string, rest: Omit<LogPattern, 'regex'>): LogPattern {
  return { ...rest, regex: new RegExp(source, 'iu') }
}

export const builtInPatterns: readonly LogPattern[] = [
  // «Epoch 3:  45%|████▌     | 90/200 [00:10<00:12,  8.90it/s, v_num=0, train_loss=0.123]»
  pattern(
    String.raw`(?<percent>\d{1,3})%\|[^|\[\]]{0,400}\|\s{0,8}(?<done>${scaled})(?:B)?\/(?<total>${scaled}|\?)(?:B)?\s{0,4}\[[\d:]{1,16}<[^,\]]{1,24}(?:,\s{0,8}(?<rate>[\d.]{1,16}(?:[kKMGTP]i?)?|\?)\s?(?<unit>[^\s,\]]{1,32}))?(?:,\s{0,4}(?<metrics>[^\]]{0,4000}))?\]?`,
    { name: 'tqdm', bar: true },
  ),
  // «12it [00:10,  1.20it/s, loss=0.3]»
  pattern(
    String.raw`(?<![\w.])(?<done>${scaled})(?:it|ex|examples|batch|batches|B|step|steps) \[[\d:]{1,16},\s{0,8}(?<rate>[\d.]{1,16}(?:[kKMGTP]i?)?|\?)\s?(?<unit>[^\s,\]]{1,32})(?:,\s{0,4}(?<metrics>[^\]]{0,4000}))?\]?`,
    { name: 'tqdm without total', bar: true },
  ),
  // «━━━━━━ 90/200 0:00:10 • 0:00:12 8.90it/s v_num: 0 train_loss: 0.123»
  pattern(
    String.raw`[━╸╺]{3,200} {1,8}(?<step>${count})\/(?<totalSteps>${count})\s{1,4}[\d:-]{4,10}\s[•·]\s[\d:-]{4,10}\s(?<rate>[\d.]{1,12})(?<unit>it\/s)`,
    { name: 'rich', stepScope: 'epoch', bar: true },
  ),
  // «313/1875 ━━━━━━━ 1s 3ms/step - loss: 0.3», «313/1875 [====>....] - ETA: 4s - loss: 0.3»
  pattern(String.raw`(?<![\w./-])(?<step>${count})\/(?<totalSteps>${count}) {1,4}(?:[━╸╺─ ]{4,200}|\[[=>.]{3,200}\])`, {
    name: 'Keras',
    stepScope: 'epoch',
    bar: true,
  }),
  // «Epoch 2/3 completed», «Epoch [2/3] finished», «Finished epoch 2»
  pattern(
    String.raw`${notInsideWord}epoch[:\s]{0,2}[\[(]?\s?(?<epoch>\d{1,7})(?:\s?(?:\/|of)\s?(?<totalEpochs>\d{1,7}))?[\])]?:?\s(?:is )?(?:completed?|finished|done|ended)${countEnds}`,
    { name: 'epoch ended', endsEpoch: true },
  ),
  pattern(
    String.raw`${notInsideWord}(?:completed|finished|end of) epoch[:\s]{0,2}[\[(]?\s?(?<epoch>\d{1,7})(?:\s?(?:\/|of)\s?(?<totalEpochs>\d{1,7}))?${countEnds}`,
    { name: 'ended epoch', endsEpoch: true },
  ),
  // PyTorch's examples: «Train Epoch: 1 [640/60000 (1%)]	Loss: 2.3»
  pattern(
    String.raw`epoch:\s{1,3}(?<epoch>\d{1,7})\s{1,3}\[\s{0,8}(?<step>${count})\/(?<totalSteps>${count})\s{1,3}\(\d{1,3}(?:\.\d{1,3})?%\)\]`,
    { name: 'samples of an epoch', stepScope: 'epoch' },
  ),
  // torchvision: «Epoch: [0]  [ 10/391]»
  pattern(String.raw`epoch:\s{0,2}\[(?<epoch>\d{1,7})\]\s{0,3}\[\s{0,8}(?<step>${count})\/(?<totalSteps>${count})\]`, {
    name: 'torchvision',
    stepScope: 'epoch',
  }),
  // fairseq: «epoch 001:    100 / 5000 loss=8.1»
  pattern(String.raw`epoch\s(?<epoch>\d{1,7}):\s{1,8}(?<step>${count}) \/ (?<totalSteps>${count})${countEnds}`, {
    name: 'fairseq',
    stepScope: 'epoch',
  }),
  pattern(
    String.raw`${notInsideWord}epochs?\s{0,2}[:=#]?\s{0,2}[\[(]?\s{0,4}(?<epoch>\d{1,7}(?:\.\d{1,6})?)\s?(?:\/|of)\s?(?<totalEpochs>\d{1,7})${countEnds}[\])]?`,
    { name: 'epoch of epochs' },
  ),
  pattern(
    String.raw`${notInsideWord}epoch\s{0,2}[:=#]?\s{0,2}[\[(]?\s{0,4}(?<epoch>\d{1,7}(?:\.\d{1,12})?)${countEnds}[\])]?`,
    { name: 'epoch' },
  ),
  // Hugging Face announces «  Num Epochs = 3» and «  Total optimization steps = 500».
  pattern(
    String.raw`${notInsideWord}(?:total[ _](?:optimi[sz]ation[ _]|train(?:ing)?[ _])?steps|max[ _]steps|num[ _]train(?:ing)?[ _]steps)\s{0,2}[:=]\s{0,4}(?<totalSteps>${count})${countEnds}`,
    { name: 'total steps' },
  ),
  pattern(
    String.raw`${notInsideWord}(?:(?:num|total|max)[ _](?:train[ _])?epochs)\s{0,2}[:=]\s{0,4}(?<totalEpochs>\d{1,7})(?:\.0)?${countEnds}`,
    { name: 'total epochs' },
  ),
  pattern(
    String.raw`${notInsideWord}(?:mini-?)?batch(?:es)?\s{0,2}[:=#]?\s{0,2}[\[(]?\s{0,4}(?<step>${count})\s?(?:\/|of)\s?(?<totalSteps>${count})${countEnds}[\])]?`,
    { name: 'batch of batches', stepScope: 'epoch' },
  ),
  pattern(
    String.raw`${notInsideWord}(?:global[ _]?step|step|iter(?:ation)?|update)s?\s{0,2}[:=#]?\s{0,2}[\[(]?\s{0,8}(?<step>${count})(?:\s?(?:\/|of)\s?(?<totalSteps>${count}))?${countEnds}[\])]?`,
    { name: 'step' },
  ),
  pattern(String.raw`${notInsideWord}progress\s{0,2}[:=]?\s{0,2}(?<percent>\d{1,3}(?:\.\d{1,6})?)\s?%`, {
    name: 'progress',
  }),
  // «***** Running training *****», «Tokenizing …», «Loading dataset …», «Saving model to …»
  pattern(
    String.raw`^\W{0,12}(?<stage>(?:running|starting|beginning|start|begin) (?:training|evaluation|validation|prediction)|training (?:started|begins)|evaluating|validating|tokeni[sz]ing|(?:loading|downloading|preparing|processing) (?:the |raw |train(?:ing)? )?data(?:set)?s?|saving (?:the )?(?:final |best |trained )?model)(?![\w-])`,
    { name: 'stage' },
  ),
]

/** `[100/5000]`: taken for a step only where the line has metrics, or nothing else. */
export const bracketPattern: LogPattern = pattern(
  String.raw`[\[(]\s{0,8}(?<step>${count})\s?\/\s?(?<totalSteps>${count})\s?(?:\(\d{1,3}(?:\.\d{1,3})?%\)\s?)?[\])]`,
  { name: 'bracket' },
)

const stageWords: readonly [RegExp, string][] = [
  [/tokeni[sz]/i, 'Tokenization'],
  [
    /\b(?:val|valid|validation|validating|eval|evaluation|evaluating|test|testing|sanity|predict\w*|inference)\b/i,
    'Validation',
  ],
  [/\b(?:sav(?:e|ing)|upload\w*|push\w*)\b/i, 'Save model'],
  [
    /\b(?:download\w*|load\w*|fetch\w*|read\w*|extract\w*|generat\w* \w+ (?:split|examples)|filter\w*|map|process\w*|prepar\w*|preprocess\w*|pack\w*|group\w*|cach\w*|dataset)\b/i,
    'Dataset loading',
  ],
  [/\b(?:train\w*|epochs?|steps?|iter\w*|batch\w*|fine-?tun\w*)\b/i, 'Training'],
]

/** Which of the default stages a description means; undefined when its words do not tell. */
export function recognizeStage(description: string): string | undefined {
  return stageWords.find(([words]) => words.test(description))?.[1]
}
