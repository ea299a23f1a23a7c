/** Lines as real tools print them, with what is read from each. A new pattern begins with a new line here. */
import { expect, test } from 'vitest'
import type { LogFacts } from './log-facts.ts'
import { parseLogLine } from './parse-log-line.ts'

type Expected = Omit<LogFacts, 'metrics'> & { metrics?: Record<string, number> }

const samples: [line: string, facts: Expected][] = [
  // plain scripts
  ['Epoch 1/3', { epoch: 1, totalEpochs: 3 }],
  ['Epoch 2/3 completed', { epoch: 2, totalEpochs: 3, epochEnded: true }],
  ['Epoch 2 finished', { epoch: 2, epochEnded: true }],
  ['Step 100: Loss = 2.345, LR = 0.0001', { step: 100, metrics: { loss: 2.345, lr: 0.0001 } }],
  ['Step [100/5000] loss=2.3', { step: 100, totalSteps: 5000, metrics: { loss: 2.3 } }],
  ['step 1,000 of 10,000 | loss: 1.5', { step: 1000, totalSteps: 10_000, metrics: { loss: 1.5 } }],
  ['iter 100/5000', { step: 100, totalSteps: 5000 }],
  ['[100/5000]', { step: 100, totalSteps: 5000 }],
  ['[100/5000] loss: 0.5', { step: 100, totalSteps: 5000, metrics: { loss: 0.5 } }],
  ['loss: nan', { metrics: { loss: Number.NaN } }],
  ['loss=-inf', { metrics: { loss: Number.NEGATIVE_INFINITY } }],
  ['loss 0.5', { metrics: { loss: 0.5 } }],
  ['Loss: 0.5. Saving.', { metrics: { loss: 0.5 } }],
  ['step=5 loss=1e-3 grad_norm=.5', { step: 5, metrics: { loss: 0.001, grad_norm: 0.5 } }],
  [
    'global_step: 12, train/loss: 3, tokens_per_sec: 1234.5',
    { step: 12, metrics: { 'train/loss': 3, tokens_per_sec: 1234.5 } },
  ],
  [
    'Epoch 3 | Train Loss: 0.1234 | Val Loss: 0.2345 | Val Acc: 91.2%',
    { epoch: 3, metrics: { train_loss: 0.1234, val_loss: 0.2345, val_acc: 91.2 } },
  ],
  [
    'Epoch [1/10], Step [100/600], Loss: 0.2345',
    { epoch: 1, totalEpochs: 10, step: 100, totalSteps: 600, metrics: { loss: 0.2345 } },
  ],
  ['Epoch: 3, Learning Rate: 0.01, Loss (train): 0.5', { epoch: 3, metrics: { learning_rate: 0.01, train_loss: 0.5 } }],
  ['epoch=4 batch=10 loss=0.5', { epoch: 4, metrics: { batch: 10, loss: 0.5 } }],
  ['2024-05-01 12:00:00,123 - trainer - INFO - Step 5: loss=0.25', { step: 5, metrics: { loss: 0.25 } }],
  ['INFO:root:epoch 2 loss 0.5 acc 0.75', { epoch: 2, metrics: { loss: 0.5, acc: 0.75 } }],
  ['\u001b[32mStep 7\u001b[0m: \u001b[1mloss\u001b[0m = 0.5', { step: 7, metrics: { loss: 0.5 } }],
  ["loss: tensor(0.3100, device='cuda:0', grad_fn=<NllLossBackward0>)", { metrics: { loss: 0.31 } }],
  ['batch_size=32, lr=0.001, epochs=10', { totalEpochs: 10 }],
  ['Progress: 45.5%', { fraction: 0.455 }],
  [
    'Test set: Average loss: 0.0451, Accuracy: 9861/10000 (99%)',
    { metrics: { 'test/average_loss': 0.0451, 'test/accuracy': 0.9861 } },
  ],
  [
    'Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.300039',
    { epoch: 1, step: 640, totalSteps: 60_000, stepScope: 'epoch', metrics: { loss: 2.300039 } },
  ],
  // tqdm
  [
    ' 45%|████▌     | 90/200 [00:10<00:12,  8.90it/s, loss=0.123]',
    { bar: true, step: 90, totalSteps: 200, fraction: 0.45, rate: 8.9, unit: 'it', metrics: { loss: 0.123 } },
  ],
  ['  0%|          | 0/200 [00:00<?, ?it/s]', { bar: true, step: 0, totalSteps: 200, fraction: 0, unit: 'it' }],
  [
    '\r 10%|█         | 1/10 [00:02<00:18,  2.00s/it]',
    { bar: true, step: 1, totalSteps: 10, fraction: 0.1, rate: 0.5, unit: 'it' },
  ],
  [
    'Training:  50%|#####     | 5.00k/10.0k [01:00<01:00, 83.3batch/s]',
    { bar: true, step: 5000, totalSteps: 10_000, fraction: 0.5, rate: 83.3, unit: 'batch', stage: 'Training' },
  ],
  ['12it [00:10,  1.20it/s, loss=0.3]', { bar: true, step: 12, rate: 1.2, unit: 'it', metrics: { loss: 0.3 } }],
  ['0it [00:00, ?it/s]', { bar: true, step: 0, unit: 'it' }],
  [
    'Map (num_proc=4):  45%|████▌     | 9000/20000 [00:10<00:12, 890.12 examples/s]',
    { bar: true, stage: 'Dataset loading', done: 9000, total: 20_000, fraction: 0.45, rate: 890.12, unit: 'examples' },
  ],
  [
    'Running tokenizer on dataset:  10%|█         | 100/1000 [00:01<00:09, 99.1 examples/s]',
    { bar: true, stage: 'Tokenization', done: 100, total: 1000, fraction: 0.1, rate: 99.1, unit: 'examples' },
  ],
  [
    'model.safetensors:  23%|██▎       | 1.05G/4.57G [00:10<00:35, 98.7MB/s]',
    { bar: true, stage: 'Dataset loading', done: 1.05e9, total: 4.57e9, fraction: 0.23, rate: 98.7e6, unit: 'B' },
  ],
  [
    'Epoch 3 loss 0.1234:  45%|███| 9/20 [00:01<00:01,  8.9it/s]',
    {
      bar: true,
      stage: 'Training',
      epoch: 3,
      step: 9,
      totalSteps: 20,
      stepScope: 'epoch',
      fraction: 0.45,
      rate: 8.9,
      unit: 'it',
      metrics: { loss: 0.1234 },
    },
  ],
  [
    'Epoch:  33%|███▎      | 1/3 [00:10<00:20, 10.00s/it]',
    { bar: true, stage: 'Training', epoch: 1, totalEpochs: 3, epochEnded: true, fraction: 0.33, rate: 0.1, unit: 'it' },
  ],
  [
    'Evaluating: 100%|██████████| 13/13 [00:01<00:00,  9.5it/s]',
    { bar: true, stage: 'Validation', done: 13, total: 13, fraction: 1, rate: 9.5, unit: 'it' },
  ],
  // Hugging Face
  [
    "{'loss': 0.31, 'grad_norm': 1.234567, 'learning_rate': 4.9e-05, 'epoch': 0.02}",
    { epoch: 0.02, metrics: { loss: 0.31, grad_norm: 1.234567, learning_rate: 4.9e-5 } },
  ],
  [
    "{'loss': '0.31', 'grad_norm': 'nan', 'learning_rate': '5e-05', 'epoch': '0.5'}",
    { epoch: 0.5, metrics: { loss: 0.31, grad_norm: Number.NaN, learning_rate: 5e-5 } },
  ],
  [
    "{'loss': nan, 'grad_norm': inf, 'epoch': 1.0}",
    { epoch: 1, metrics: { loss: Number.NaN, grad_norm: Number.POSITIVE_INFINITY } },
  ],
  ["{'loss': np.float64(0.5), 'epoch': 1.5}", { epoch: 1.5, metrics: { loss: 0.5 } }],
  [
    "{'eval_loss': 0.42, 'eval_runtime': 12.3, 'eval_samples_per_second': 81.2, 'eval_steps_per_second': 10.1, 'epoch': 1.0}",
    {
      epoch: 1,
      metrics: { eval_loss: 0.42, eval_runtime: 12.3, eval_samples_per_second: 81.2, eval_steps_per_second: 10.1 },
    },
  ],
  ['***** Running training *****', { stage: 'Training' }],
  ['***** Running Evaluation *****', { stage: 'Validation' }],
  ['  Num Epochs = 3', { totalEpochs: 3 }],
  ['  Total optimization steps = 1,500', { totalSteps: 1500 }],
  // Keras
  ['Epoch 1/5', { epoch: 1, totalEpochs: 5 }],
  [
    ' 313/1875 ━━━━━━━━━━━━━━━━━━━━ 1s 3ms/step - accuracy: 0.9100 - loss: 0.3000',
    { bar: true, step: 313, totalSteps: 1875, stepScope: 'epoch', metrics: { accuracy: 0.91, loss: 0.3 } },
  ],
  [
    '1875/1875 [==============================] - 4s 2ms/step - loss: 0.2951 - accuracy: 0.9146 - val_loss: 0.15',
    {
      bar: true,
      step: 1875,
      totalSteps: 1875,
      stepScope: 'epoch',
      metrics: { loss: 0.2951, accuracy: 0.9146, val_loss: 0.15 },
    },
  ],
  [
    '  64/1875 [>.............................] - ETA: 4s - loss: 1.5',
    { bar: true, step: 64, totalSteps: 1875, stepScope: 'epoch', metrics: { loss: 1.5 } },
  ],
  ['Epoch 1: val_loss improved from inf to 0.30000, saving model to /models/a.keras', { epoch: 1 }],
  // Lightning
  [
    'Epoch 3:  45%|████▌     | 90/200 [00:10<00:12,  8.90it/s, v_num=0, train_loss=0.123]',
    {
      bar: true,
      stage: 'Training',
      epoch: 3,
      step: 90,
      totalSteps: 200,
      stepScope: 'epoch',
      fraction: 0.45,
      rate: 8.9,
      unit: 'it',
      metrics: { train_loss: 0.123 },
    },
  ],
  [
    'Validation DataLoader 0:  30%|███       | 3/10 [00:00<00:00, 20.1it/s]',
    { bar: true, stage: 'Validation', done: 3, total: 10, fraction: 0.3, rate: 20.1, unit: 'it' },
  ],
  [
    'Sanity Checking DataLoader 0: 100%|██████████| 2/2 [00:00<00:00, 20.1it/s]',
    { bar: true, stage: 'Validation', done: 2, total: 2, fraction: 1, rate: 20.1, unit: 'it' },
  ],
  [
    'Epoch 0/9 ━━━━━━━━╸━━━━━ 90/200 0:00:10 • 0:00:12 8.90it/s v_num: 0 train_loss: 0.123',
    {
      bar: true,
      epoch: 0,
      totalEpochs: 9,
      step: 90,
      totalSteps: 200,
      stepScope: 'epoch',
      rate: 8.9,
      unit: 'it',
      metrics: { train_loss: 0.123 },
    },
  ],
  // nanoGPT
  ['iter 10: loss 3.1234, time 12.34ms, mfu 1.23%', { step: 10, metrics: { loss: 3.1234, mfu: 1.23 } }],
  ['step 0: train loss 4.2874, val loss 4.2823', { step: 0, metrics: { train_loss: 4.2874, val_loss: 4.2823 } }],
  // fairseq
  [
    '2024-05-01 12:00:00 | INFO | train_inner | epoch 001:    100 / 5000 loss=8.123, nll_loss=7.5, ppl=278.9, wps=12345, num_updates=100, lr=1e-05, gnorm=2.3, gb_free=10.2, wall=40',
    {
      epoch: 1,
      step: 100,
      totalSteps: 5000,
      stepScope: 'epoch',
      metrics: { loss: 8.123, nll_loss: 7.5, ppl: 278.9, wps: 12_345, lr: 1e-5, gnorm: 2.3 },
    },
  ],
  [
    '2024-05-01 12:00:00 | INFO | train | epoch 001 | loss 8.1 | ppl 200 | wps 12345 | num_updates 500',
    { epoch: 1, step: 500, metrics: { loss: 8.1, ppl: 200, wps: 12_345 } },
  ],
  // torchvision
  [
    'Epoch: [0]  [ 10/391]  eta: 0:05:10  lr: 0.1  img/s: 345.1  loss: 6.9 (7.0)  acc1: 0.0 (0.3)  time: 0.81  data: 0.5  max mem: 2345',
    {
      epoch: 0,
      step: 10,
      totalSteps: 391,
      stepScope: 'epoch',
      metrics: { lr: 0.1, 'img/s': 345.1, loss: 6.9, acc1: 0, data: 0.5 },
    },
  ],
  [
    'Test:  [ 10/50]  eta: 0:00:10  loss: 0.6 (0.7)  acc1: 80.0 (79.0)',
    { stage: 'Validation', done: 10, total: 50, metrics: { 'test/loss': 0.6, 'test/acc1': 80 } },
  ],
  // JSON lines
  ['{"step": 10, "loss": 0.5, "lr": 1e-4, "time": 1714560000.5}', { step: 10, metrics: { loss: 0.5, lr: 1e-4 } }],
  [
    '{"epoch": 1, "train": {"loss": 0.5}, "val": {"loss": NaN, "acc": "0.9"}}',
    { epoch: 1, metrics: { 'train/loss': 0.5, 'val/loss': Number.NaN, 'val/acc': 0.9 } },
  ],
  ['{"level": "info", "ts": 1714560000, "msg": "step 10: loss 0.5"}', { step: 10, metrics: { loss: 0.5 } }],
  // stages
  ['Tokenizing the corpus ...', { stage: 'Tokenization' }],
  ['Loading dataset from /data/text', { stage: 'Dataset loading' }],
  ['Saving model to /models/final.pt', { stage: 'Save model' }],
]

test.each(samples)('%s', (line, { metrics = {}, ...facts }) => {
  const read = parseLogLine(line)
  expect(read).not.toBeNull()
  const { metrics: found, ...rest } = read ?? { metrics: new Map<string, number>() }
  expect({ ...rest, metrics: Object.fromEntries(found) }).toEqual({ ...facts, metrics })
})

const silentLines = [
  '',
  'hello world',
  '2024-05-01 12:00:00 starting',
  'torch version: 2.1.0+cu118, python: 3.11.2',
  'Saved to /data/run_12/checkpoint-500.pt',
  'checkpoints/epoch=3-step=100.ckpt',
  'GPU memory: 12.3 GB / 24 GB',
  'allocated: 512 MiB',
  'Memory: 16384',
  'port=8080 pid=1234',
  'listening on 127.0.0.1:8080',
  'batch_size=32, lr=0.001, seed=42',
  "Namespace(batch_size=32, epochs=10, lr=0.001, loss='mse')",
  'loss_weight: 0.5',
  '  File "/home/user/train.py", line 12, in <module>',
  'ValueError: loss: 3 is wrong',
  'Traceback (most recent call last):',
  'a.py:3: UserWarning: loss: 3 is strange',
  'number of parameters: 10.65M',
  'found 10 files in 3 folders',
  'eta: 0:05:10',
  '[1/3] Building image',
  'took 12.3 s',
  '100%',
  'https://example.org/run/12?loss=3',
  'commit 3f2c1ab',
  'v1.2.3',
]

test.each(silentLines.map((line) => [line]))('nothing is read from «%s»', (line) => {
  expect(parseLogLine(line)).toBeNull()
})
