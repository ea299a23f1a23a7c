import { expect, test } from 'vitest'
import { groupKeys } from './group-keys.ts'
import { findFamily } from './model-family.ts'

/** What real scripts log, what kind of training that is, and which charts stand first. */
const scripts: [what: string, keys: string, family: string | undefined, first: string[]][] = [
  [
    'Hugging Face Trainer, a language model',
    'train/loss train/learning_rate train/grad_norm train/epoch train/global_step eval/loss eval/perplexity eval/runtime eval/samples_per_second train/num_input_tokens_seen train/tokens_per_second',
    'language',
    ['loss', 'perplexity', 'learning_rate', 'tokens_per_second', 'grad_norm'],
  ],
  ['nanoGPT', 'train/loss val/loss lr mfu iter', 'language', ['loss', 'lr', 'mfu']],
  [
    'Hugging Face Trainer, classes of texts',
    'train/loss train/learning_rate train/grad_norm eval/loss eval/accuracy eval/f1 eval/precision eval/recall eval/runtime',
    'classification',
    ['loss', 'accuracy', 'f1', 'precision', 'recall', 'learning_rate'],
  ],
  [
    'timm, classes of images',
    'epoch train_loss eval_loss eval_top1 eval_top5 lr',
    'classification',
    ['loss', 'top1', 'top5', 'lr'],
  ],
  [
    'Ultralytics YOLO',
    'train/box_loss train/cls_loss train/dfl_loss val/box_loss val/cls_loss val/dfl_loss metrics/precision(B) metrics/recall(B) metrics/mAP50(B) metrics/mAP50-95(B) lr/pg0 lr/pg1 lr/pg2',
    'detection',
    ['metrics/mAP50-95(B)', 'box_loss', 'cls_loss', 'dfl_loss', 'metrics/mAP50(B)', 'metrics/precision(B)'],
  ],
  [
    'torchvision detection',
    'loss loss_classifier loss_box_reg loss_objectness loss_rpn_box_reg lr bbox/AP bbox/AP50',
    'detection',
    ['loss', 'bbox/AP', 'loss_box_reg', 'loss_classifier', 'loss_objectness', 'loss_rpn_box_reg', 'bbox/AP50'],
  ],
  ['DCGAN', 'loss_d loss_g D(x) D(G(z)) fid lr', 'generative', ['loss_g', 'loss_d', 'fid', 'lr']],
  [
    'diffusers',
    'train_loss lr step_loss fid ema_decay grad_norm',
    'generative',
    ['loss', 'fid', 'step_loss', 'lr', 'grad_norm'],
  ],
  [
    'Stable-Baselines3 PPO',
    'rollout/ep_rew_mean rollout/ep_len_mean train/approx_kl train/entropy_loss train/policy_gradient_loss train/value_loss train/loss train/clip_fraction train/explained_variance train/learning_rate time/fps time/iterations',
    'reinforcement',
    ['rollout/ep_rew_mean', 'rollout/ep_len_mean', 'approx_kl', 'entropy_loss', 'policy_gradient_loss', 'value_loss'],
  ],
  [
    'CleanRL DQN',
    'charts/episodic_return charts/episodic_length charts/SPS losses/td_loss losses/q_values charts/epsilon',
    'reinforcement',
    ['charts/episodic_return', 'charts/episodic_length', 'losses/td_loss'],
  ],
  [
    'a regression of one’s own',
    'mse val/mse weight_decay_factor batch_time memory loss zeta lr',
    undefined,
    ['loss', 'lr', 'mse', 'weight_decay_factor', 'zeta', 'batch_time', 'memory'],
  ],
]

test.each(scripts)('%s', (_, keys, family, first) => {
  const all = keys.split(' ')
  expect(findFamily(all)?.name).toBe(family)
  const groups = groupKeys(all)
  expect(groups.map(({ title }) => title).slice(0, first.length)).toEqual(first)
  expect(groups.flatMap(({ members }) => members).length).toBe(all.length)
})

test.each([
  [{ modelType: 'causal-lm' }, 'language'],
  [{ modelType: 'LLM', model: 'resnet50' }, 'language'],
  [{ modelType: 'object-detection' }, 'detection'],
  [{ modelType: 'image classification' }, 'classification'],
  [{ modelType: 'GAN' }, 'generative'],
  [{ modelType: 'PPO' }, 'reinforcement'],
  [{ modelType: 'transformer', model: 'meta-llama/Llama-3-8B' }, 'language'],
  [{ model: 'yolov8n' }, 'detection'],
  [{ modelType: null, model: 'my-net' }, undefined],
])('a job of %o', (words, family) => {
  expect(findFamily(['loss', 'lr'], words)?.name).toBe(family)
})

test('what the job says of its model counts before what its metrics are called', () => {
  const keys = ['loss', 'accuracy', 'perplexity', 'lr']
  const titles = (modelType?: string) => groupKeys(keys, undefined, { modelType }).map(({ title }) => title)
  expect(titles('classifier')).toEqual(['loss', 'accuracy', 'lr', 'perplexity'])
  expect(titles()).toEqual(['loss', 'perplexity', 'lr', 'accuracy'])
  const mixed = groupKeys(['loss', 'accuracy', 'reward'], undefined, { ownKeys: ['loss', 'accuracy'] })
  expect(mixed.map(({ title }) => title)).toEqual(['loss', 'accuracy', 'reward'])
})
