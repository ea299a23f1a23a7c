import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LogPoint, type LogReaderState, type LogReading, readLine, startLogReader } from './log-reader.ts'

type Flat = [step: number, epoch: number | null, metrics: Record<string, number>]

function read(lines: readonly string[]): {
  points: Flat[]
  stages: LogReading['stages']
  totals: object
  state: LogReaderState
} {
  let state = startLogReader()
  const points: LogPoint[] = []
  const stages: LogReading['stages'] = []
  const totals = {}
  for (const line of lines) {
    const reading = readLine(state, line)
    state = JSON.parse(JSON.stringify(reading.state)) as LogReaderState // it was a state before
    points.push(...reading.points)
    stages.push(...reading.stages)
    Object.assign(totals, reading.totals)
  }
  const flat = points.map(({ step, epoch, metrics }): Flat => [step, epoch, Object.fromEntries(metrics)])
  return { points: flat, stages, totals, state }
}

test('an epoch and a step stated before hold for the metrics that follow', () => {
  const { points, totals } = read(['Epoch 2/3', 'Step 10', 'loss = 0.5', 'accuracy = 0.9', 'Step 20', 'loss = 0.4'])
  expect(points).toEqual([
    [10, 2, { loss: 0.5 }],
    [10, 2, { accuracy: 0.9 }],
    [20, 2, { loss: 0.4 }],
  ])
  expect(totals).toEqual({ totalEpochs: 3 })
})

test('without steps points are numbered, and keys of one moment share their number', () => {
  const { points } = read([
    'Epoch 1/2',
    'loss: 0.5',
    'val loss: 0.6',
    'loss: 0.4',
    'Epoch 2/2',
    'val loss: 0.5',
    'loss: 0.3',
  ])
  expect(points).toEqual([
    [1, 1, { loss: 0.5 }],
    [1, 1, { val_loss: 0.6 }],
    [2, 1, { loss: 0.4 }],
    [3, 2, { val_loss: 0.5 }],
    [3, 2, { loss: 0.3 }],
  ])
})

test('a step stated once is counted on when the same key comes again', () => {
  const { points } = read(['starting at step 100', 'loss=3', 'loss=2', 'loss=1'])
  expect(points.map(([step]) => step)).toEqual([100, 101, 102])
})

test('steps that count anew in each epoch are added up', () => {
  const { points, totals } = read([
    'Epoch [1/2], Step [100/300], Loss: 3',
    'Epoch [1/2], Step [300/300], Loss: 2',
    'Epoch [2/2], Step [100/300], Loss: 1',
    'Epoch [2/2], Step [300/300], Loss: 0.5',
  ])
  expect(points.map(([step]) => step)).toEqual([100, 300, 400, 600])
  expect(totals).toEqual({ totalEpochs: 2, totalSteps: 600 })
})

test('bars of Keras are joined over the epochs', () => {
  const { points, totals } = read([
    'Epoch 1/2',
    '  50/100 ━━━━━━━━━━━━━━━━━━━━ 1s 3ms/step - loss: 0.5',
    ' 100/100 ━━━━━━━━━━━━━━━━━━━━ 2s 3ms/step - loss: 0.4 - val_loss: 0.6',
    'Epoch 2/2',
    ' 100/100 ━━━━━━━━━━━━━━━━━━━━ 2s 3ms/step - loss: 0.3 - val_loss: 0.5',
  ])
  expect(points.map(([step, epoch]) => [step, epoch])).toEqual([
    [50, 1],
    [100, 1],
    [200, 2],
  ])
  expect(totals).toEqual({ totalEpochs: 2, totalSteps: 200 })
})

test('reading that begins in a later epoch of Lightning counts the epochs before', () => {
  const { points } = read(['Epoch 3:  45%|████| 90/200 [00:10<00:12,  8.90it/s, train_loss=0.123]'])
  expect(points).toEqual([[490, 3, { train_loss: 0.123 }]])
})

test('a progress bar that is read again gives no second point', () => {
  const bar = ' 45%|████▌     | 90/200 [00:10<00:12,  8.90it/s, loss=0.123]'
  expect(read([bar, bar, bar]).points).toEqual([[90, null, { loss: 0.123 }]])
})

test('Hugging Face: step from the bar, epoch from the record, evaluation bars left aside', () => {
  const { points, totals, stages } = read([
    '***** Running training *****',
    '  Num Epochs = 3',
    '  Total optimization steps = 500',
    '  2%|▏         | 10/500 [00:05<04:22,  1.86it/s]',
    "{'loss': 2.5, 'learning_rate': 4.9e-05, 'epoch': 0.06}",
    ' 20%|██        | 100/500 [00:50<03:20,  2.00it/s]',
    '  8%|▊         | 1/13 [00:00<00:01,  9.5it/s]',
    "{'eval_loss': 2.2, 'eval_runtime': 1.2, 'epoch': 0.6}",
    "{'loss': 2.1, 'learning_rate': 4.5e-05, 'epoch': 0.6}",
  ])
  expect(totals).toEqual({ totalEpochs: 3, totalSteps: 500 })
  expect(points).toEqual([
    [10, 0.06, { loss: 2.5, learning_rate: 4.9e-5 }],
    [100, 0.6, { eval_loss: 2.2, eval_runtime: 1.2 }],
    [100, 0.6, { loss: 2.1, learning_rate: 4.5e-5 }],
  ])
  expect(stages[0]).toEqual({ name: 'Training', state: 'active' })
  expect(new Set(stages.map(({ name }) => name))).toEqual(new Set(['Training']))
})

test('Hugging Face without bars: the step follows from epoch and totals', () => {
  const { points } = read(['  Num Epochs = 3', '  Total optimization steps = 300', "{'loss': 2.5, 'epoch': 0.1}"])
  expect(points).toEqual([[10, 0.1, { loss: 2.5 }]])
})

test('stages follow one another and training goes on around a validation', () => {
  const { stages } = read([
    'Tokenizing: 100%|██████████| 10/10 [00:01<00:00,  9.5it/s]',
    'step 1: loss 3',
    'Evaluating: 100%|██████████| 13/13 [00:01<00:00,  9.5it/s]',
    'step 2: loss 2',
    'Saving model to x',
  ])
  expect(stages).toEqual([
    { name: 'Tokenization', state: 'active', done: 10, total: 10 },
    { name: 'Tokenization', state: 'completed' },
    { name: 'Training', state: 'active' },
    { name: 'Validation', state: 'active', done: 13, total: 13 },
    { name: 'Validation', state: 'completed' },
    { name: 'Training', state: 'active' },
    { name: 'Training', state: 'completed' },
    { name: 'Save model', state: 'active' },
  ])
})

test('what an evaluation measured does not begin the training anew', () => {
  const { stages } = read([
    '***** Running Evaluation *****',
    "{'eval_loss': 2.2, 'epoch': 0.6}",
    "{'loss': 2.1, 'epoch': 0.7}",
  ])
  expect(stages.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'Validation active',
    'Validation completed',
    'Training active',
  ])
})

test('epochs alone move the training stage', () => {
  const { stages } = read(['Epoch 1/3', 'Epoch 1/3 completed', 'Epoch 2/3'])
  expect(stages.map(({ done, total }) => [done, total])).toEqual([
    [0, 3],
    [1, 3],
    [1, 3],
  ])
})

test('a line that comes late after a later epoch has begun does not begin the steps anew', () => {
  const bar = ' 51%|█████     | 205/400 [00:10<00:12,  8.90it/s, loss=0.5]'
  const { points } = read(['Epoch 1/2', bar, 'Epoch 2/2', 'Step 200: loss = 0.4', 'Step 300: loss = 0.3'])
  expect(points.map(([step]) => step)).toEqual([205, 200, 300])
})

test('lines that count through the run agree with bars that count through an epoch', () => {
  const bar = (step: number): string => `${step / 2}%|███  | ${step}/200 [00:10<00:12,  8.90it/s, loss=0.5]`
  const { points, totals } = read([
    'Epoch 1/5',
    bar(50),
    bar(200),
    'Step 200: Loss = 0.4',
    'Epoch 2/5',
    bar(49),
    bar(50),
    'Step 250: Loss = 0.3',
    bar(51),
    'Epoch 3/5',
    bar(1),
    'Step 401: Loss = 0.2',
  ])
  expect(points.map(([step]) => step)).toEqual([50, 200, 200, 249, 250, 250, 251, 401, 401])
  expect(totals).toMatchObject({ totalSteps: 1000, totalEpochs: 5 })
})

test('a bar without metrics moves the stage', () => {
  const { points, stages, totals } = read([' 45%|████▌     | 90/200 [00:10<00:12,  8.90it/s]'])
  expect(points).toEqual([])
  expect(totals).toEqual({ totalSteps: 200 })
  expect(stages).toEqual([{ name: 'Training', state: 'active', done: 90, total: 200 }])
})

test('lines that state nothing change nothing', () => {
  const state = startLogReader()
  expect(readLine(state, 'hello').state).toBe(state)
})

test('any lines in any order are read without fault, and steps are finite', () => {
  const words = fc.constantFrom(
    'epoch',
    'step',
    'loss',
    'val',
    '1',
    '2/3',
    '0.5',
    'nan',
    '=',
    ':',
    ' ',
    '[',
    ']',
    '%|',
    '|',
    '{',
    '}',
    "'",
    'it/s',
    '<',
  )
  fc.assert(
    fc.property(
      fc.array(
        fc.array(words, { maxLength: 20 }).map((parts) => parts.join('')),
        { maxLength: 20 },
      ),
      (lines) => {
        const { points } = read(lines)
        for (const [step] of points) expect(Number.isFinite(step)).toBe(true)
      },
    ),
  )
})
