import type { DiagnosisRule } from './rule.ts'

/** Numbers, shapes and indices that went wrong inside the model. */
export const numericRules: readonly DiagnosisRule[] = [
  {
    id: 'not-finite',
    role: 'cause',
    rank: 80,
    title: 'The numbers became NaN or infinite',
    meaning:
      'From some point on {key|a loss, a value inside the model, or the data itself} was not a number, and nothing that was computed from it can be trusted.',
    tries: [
      'Lower the learning rate or lengthen its warm-up, and clip gradients (`max_norm=1.0`).',
      'With fp16, use bf16 or check the loss scaler; look for a division by zero or the log of zero.',
      'Go back to a checkpoint before that step, and look at the batch that followed: empty labels or a damaged sample do this, too.',
    ],
    texts: [
      ' returned nan values in its {}th output',
      'Loss became infinite or NaN at iteration',
      'Minimum loss scale reached ({}). Your loss is probably exploding',
      'Current loss scale already at minimum - cannot decrease scale anymore',
      'Loss is nan, stopping training',
      'The loss returned in `training_step` is {}',
      'Detected nan and/or inf values in ',
      'to satisfy the constraint {}, but found invalid values',
      'probability tensor contains either `inf`, `nan` or element < 0',
      ': Invalid loss, terminating training',
      'FloatingPointError: invalid value (nan) encountered in ',
      'FloatingPointError: invalid value (inf) encountered in ',
      'found NaN in local {}',
      'cannot convert float NaN to integer',
      'cannot convert float infinity to integer',
      'contains NaN, infinity or a value too large for dtype',
      '^ValueError: Input {} contains NaN',
    ],
    nonFiniteLoss: true,
  },
  {
    id: 'shape-mismatch',
    role: 'cause',
    rank: 76,
    title: 'Shapes do not fit each other',
    meaning:
      'An operation was given tensors whose sizes do not go together. The frame of the traceback that is in your own code says which.',
    tries: [
      'Print the shapes in front of the line that failed, and compare them with what the layer was made for.',
      'Check what was changed last: number of classes, input size, sequence length, vocabulary.',
      'If it happens at the end of an epoch, the last batch is smaller: pass `drop_last=True` or do not fix the batch size.',
    ],
    texts: [
      'mat1 and mat2 shapes cannot be multiplied ({})',
      'must match the size of tensor b ({}) at non-singleton dimension',
      "shape '{}' is invalid for input of size {}",
      'Sizes of tensors must match except in dimension',
      'Given groups={}, weight of size {}, expected input{} to have {} channels, but got',
      'Expected input batch_size ({}) to match target batch_size (',
      'stack expects each tensor to be equal size, but got',
      'operands could not be broadcast together with shapes',
      'Incompatible shapes: {} vs. ',
      'requires contracting dimensions to have the same shape, got',
      'Matrix size-incompatible: In[0]',
      'The expanded size of the tensor ({}) must match the existing size (',
    ],
  },
  {
    id: 'index-range',
    role: 'cause',
    rank: 76,
    title: 'A label or token id is out of range',
    meaning:
      'An index points behind the end of a table: mostly a class label ≥ the number of classes, or a token id ≥ the size of the embedding.',
    tries: [
      'Compare the largest label with the number of outputs, and the largest token id with the size of the vocabulary.',
      'After adding tokens, call `model.resize_token_embeddings(len(tokenizer))`.',
      'Run a few steps on the CPU, or with `CUDA_LAUNCH_BLOCKING=1`, to see the true line.',
    ],
    texts: [
      'CUDA error: device-side assert triggered',
      'Assertion `t >= 0 && t < n_classes` failed',
      'Assertion `srcIndex < srcSelectDimSize` failed',
      'IndexError: index out of range in self',
      'IndexError: Target {} is out of bounds',
    ],
  },
  {
    id: 'two-devices',
    role: 'cause',
    rank: 76,
    title: 'Tensors are on different devices',
    meaning: 'An operation was given one tensor on {first|one device} and another on {second|another}.',
    tries: [
      'Move the batch with `.to(device)`, and everything that is made inside `forward` to `x.device`.',
      'Register constants of a module with `register_buffer`, so that they move with it.',
    ],
    texts: [
      'Expected all tensors to be on the same device, but found at least two devices, {first} and {second}!',
      'Input type ({first}) and weight type ({second}) should be the same',
    ],
  },
]
