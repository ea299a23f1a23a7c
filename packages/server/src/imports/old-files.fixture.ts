/** Files as a live job screen with five stages kept them: its running jobs, and those that are over. */
export const pastJobs = [
  {
    uid: 'ft-2025-001',
    name: 'support-bot',
    status: 'Completed',
    model: 'llama-3-8b',
    dataset: 'tickets-v2',
    tags: ['support', 'lora'],
    startTime: '2025-03-01T09:00:00Z',
    endTime: '2025-03-01T11:30:00Z',
    epochs: 3,
    config: { learning_rate: 0.0002, batch_size: 8 },
    stages: [
      { name: 'Dataset Loading', status: 'completed', duration: '2m 30s' },
      { name: 'Tokenization', status: 'completed', duration: 300 },
      { name: 'Training', status: 'completed', duration: '02:00:00' },
      { name: 'Validation', status: 'completed', duration: '15 min' },
      { name: 'Save Model', status: 'completed', duration: 45 },
    ],
    finalMetrics: { loss: 0.41, accuracy: '0.93', f1: 0.91 },
    deployment: { endpoint: 'support-bot-v3', region: 'local' },
    costEstimate: '12 USD',
  },
  {
    uid: 'ft-2025-002',
    name: 'classifier',
    status: 'Failed',
    model: { name: 'bert-base' },
    dataset: 'reviews',
    startTime: '2025-03-02T09:00:00Z',
    endTime: '2025-03-02T09:20:00Z',
    progress: 43,
    error: { type: 'OutOfMemory', message: 'CUDA out of memory', suggestedFixes: ['Use a smaller batch'] },
    metricsHistory: [
      { step: 10, epoch: 0, timestamp: '2025-03-02T09:05:00Z', loss: 2.1, val_loss: 2.3 },
      { step: 20, epoch: 1, timestamp: '2025-03-02T09:15:00Z', loss: 1.4, val_loss: 'NaN' },
    ],
    logs: ['Loading data', 'CUDA out of memory'],
  },
]

export const currentJobs = {
  jobs: [
    {
      job_id: 'ft-2025-003',
      job_name: 'summariser',
      state: 'running',
      model_name: 't5-small',
      created_at: 1_741_000_000,
      started_at: 1_741_000_600,
      last_updated: 1_741_004_200,
      current_step: 500,
      total_steps: 2000,
      metrics: { loss: [2.5, 1.9, 1.2], step: [100, 300, 500] },
    },
    { name: 'waits', status: 'Queued', created_at: '2025-03-03T10:00:00Z' },
  ],
}
