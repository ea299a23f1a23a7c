/** Every named bound of the wire; what happens at it stands beside it. */
export const limits = {
  /** A report's body. Above: 413 `tooLarge`, nothing of it stored. */
  reportBytesMax: 8 * 1024 * 1024,
  /** Points in one report. Above: 413. */
  reportPointsMax: 1_000_000,
  /** Lines in one report. Above: 413. */
  reportLinesMax: 50_000,
  /** Reports in one body of `POST …/reports/many`, and its bytes: what goes into one commit. Above: 413, nothing of it stored. */
  reportsInRowMax: 512,
  reportRowBytesMax: 512 * 1024,
  /** A body of `POST /api/import`. Above: 413; `pilothouse import` sends a long file in parts. */
  importBytesMax: 8 * 1024 * 1024,
  /** Jobs in such a body. Above: 413. */
  importJobsMax: 1_000,
  /** Any other body. Above: 413. */
  bodyBytesMax: 1024 * 1024,
  /** One log line. The rest is cut and marked by the reporter; a longer one is cut by the server. */
  logLineBytesMax: 64 * 1024,
  /** A metric key, in UTF-8 bytes. Longer: 400 with the field. */
  keyBytesMax: 1024,
  /** Names, projects, models. Longer: 400. */
  nameLengthMax: 256,
  tagsMax: 64,
  tagLengthMax: 128,
  /** Levels of objects and lists in a configuration, a summary, metadata. Deeper: 400. */
  jsonDepthMax: 64,
  /** A configuration as JSON text. Above: 413. */
  configBytesMax: 512 * 1024,
  /** Stages a job may declare. */
  stagesMax: 256,
  /** Keys, sources or jobs in one metrics query. */
  querySeriesMax: 2_000,
  /** Series of one job: keys × sources × branches. What is beyond is left out, and the acknowledgement says so. */
  jobSeriesMax: 50_000,
  /** Jobs in one comparison. Fewer or more: 400. */
  compareJobsMin: 2,
  compareJobsMax: 50,
  /** Names of a configuration, a summary, a list of packages that a comparison takes of each job; what is beyond is counted. */
  compareNamesMax: 1_000,
  /** Metrics that it takes of each job, the most looked-for first; what is beyond is counted. */
  compareMetricsMax: 500,
  /** Characters of one value there; the rest is cut. */
  compareTextMax: 1_000,
  /** Jobs of a search, the newest, over which settings are held against a metric; more are counted. */
  influenceJobsMax: 2_000,
  /** Settings that differ, those that most jobs have; what is beyond is counted. */
  influenceSettingsMax: 500,
  /** Buckets a series in one query. */
  queryPointsMax: 10_000,
  /** Lines in one page of a log. */
  logPageLinesMax: 10_000,
  /** Projects with a rule of retention of their own. More: 400. */
  retentionProjectsMax: 1_000,
  /** Rates of the rate card. More: 400. */
  ratesMax: 200,
  /** Budgets, thresholds and channels of each, and what one may be of. More: 400. */
  budgetsMax: 100,
  budgetAmountMax: 1_000_000_000_000,
  budgetThresholdsMax: 10,
  budgetChannelsMax: 20,
  /** Clusters of `clusters.yaml`, bytes of the file, and names in one of its lists. More: the file is refused. */
  clustersMax: 50,
  clustersFileBytesMax: 256 * 1024,
  clusterNamesMax: 200,
  /** Arguments and groups of a script, choices of one, faults that are told; what is beyond is left out, and that is said. */
  scriptFieldsMax: 2_000,
  scriptChoicesMax: 500,
  scriptErrorsMax: 100,
  /** A name, and a value or help of an argument. Longer: 400; of what a script tells the rest is cut. */
  scriptKeyMax: 512,
  scriptTextMax: 8_192,
  /** Words of one command line. More: 400. */
  scriptWordsMax: 2_000,
  /** Of the words of further jobs, as JSON: they are one word on a command line. */
  scriptMoreLengthMax: 30_000,
  /** Jobs of one sweep. More are not made. */
  sweepJobsMax: 1_000,
  /** The price of an hour, in any currency. Above: 400. */
  pricePerHourMax: 1_000_000_000,
  /** The last moment that a date can tell, ms (ECMA-262, time values). Later: 400. */
  timeMsMax: 8.64e15,
  /** Attempts in the timeline of a job. Beyond, the newest are shown and the rest are counted. */
  timelineAttemptsMax: 20,
  /** Resource series that the performance of a job is worked out from. Beyond, the first by source. */
  performanceSeriesMax: 2_000,
  /** Jobs in one page of a list. */
  jobPageMax: 500,
  /** Metrics that a job may define. More: 400. */
  metricDefinitionsMax: 1_000,
  /** Content of one sample: an image file, or a body as JSON. Above: 413, so a reporter checks first. */
  sampleBytesMax: 4 * 1024 * 1024,
  /** Samples in one report. More: 400. */
  samplesInReportMax: 1_000,
  /** A prompt, an output, a cell. Longer: 400. */
  sampleTextLengthMax: 256 * 1024,
  captionLengthMax: 1024,
  tableColumnsMax: 1_000,
  tableRowsMax: 10_000,
  histogramBinsMax: 1_024,
  /** Samples, their bytes and their keys in one job. What is beyond is left out, and the acknowledgement says so. */
  jobSamplesMax: 100_000,
  jobSampleBytesMax: 4 * 1024 * 1024 * 1024,
  sampleKeysMax: 500,
  /** Steps of one key in one answer. */
  sampleStepsMax: 10_000,
  /** Samples in one page of a list. */
  samplePageMax: 1_000,
  /** Paths and URLs. Longer: 400. */
  uriLengthMax: 4_096,
  artifactsInReportMax: 100,
  /** Files that an artifact lists. More: 400; a reporter sends the first ones and their number. */
  artifactFilesMax: 1_000,
  /** Versions of all artifacts of a job. Beyond, the oldest give way. */
  jobArtifactsMax: 5_000,
  jobArtifactsShown: 200,
  alertTextLengthMax: 16 * 1024,
  alertsInReportMax: 100,
  /** Alerts of one job. Beyond, the oldest give way. */
  jobAlertsMax: 1_000,
  jobAlertsShown: 20,
  /** Runs at Weights & Biases that are followed for one job; more that its log names are left out. */
  jobWandbRunsMax: 20,
  /** One note. Longer: 400. */
  noteLengthMax: 16 * 1024,
  /** Notes of one job. More: 409. */
  jobNotesMax: 5_000,
  /** Notes in one page of a list. */
  notePageMax: 500,
  /** Parameters and choices that a job declares. More: 400. */
  jobParametersMax: 200,
  parameterChoicesMax: 100,
  /** A value that is a text. Longer: 400. */
  parameterTextMax: 1_000,
  /** Commands of a job that wait at a time. More: 409. */
  openCommandsMax: 100,
  /** Commands of one job that are kept; the oldest that are over give way. */
  jobCommandsMax: 5_000,
  commandPageMax: 500,
  commandNoteMax: 1_000,
  /** Why a command was not carried out. The rest is cut by the reporter. */
  commandReasonMax: 16 * 1024,
  /** How long a job waits for a command in one request, ms. */
  commandWaitMaxMs: 55_000,
  /** Changes of parameters of one job that are kept; the oldest give way. */
  jobChangesMax: 20_000,
  changePageMax: 1_000,
  /** Outcomes, changes and checkpoints in one report. More: 400; a reporter makes several of it. */
  steeringEventsMax: 1_000,
  /** Schedules of one job that are kept; those that are over give way, the oldest first. */
  jobSchedulesMax: 200,
  /** Changes of a job that wait for an admin. More: 409. */
  openProposalsMax: 100,
  /** Proposals of one job that are kept; those that are decided give way, the oldest first. */
  jobProposalsMax: 200,
  /** Projects that are named as needing approval. More: 400. */
  approvalProjectsMax: 1_000,
  /** Presets of a server. More: 409. */
  presetsMax: 1_000,
  /** Checkpoints of one job that are remembered; deleted ones give way first, then the oldest. */
  jobCheckpointsMax: 10_000,
  checkpointsShown: 1_000,
  checkpointCoversMax: 20,
  checkpointTextMax: 16 * 1024,
  /** Files of a copy of a checkpoint, and the length of their paths. More: 400. */
  copyFilesMax: 5_000,
  copyPathLengthMax: 1_000,
  /** Bytes of one part of such a file that is sent. Above: 413. */
  copyPartBytesMax: 4 * 1024 * 1024,
  /** Channels that an alert rule names. More: 400. */
  ruleChannelsMax: 20,
  /** Rules and channels of a server. More: 409. */
  alertRulesMax: 500,
  channelsMax: 100,
  /** Engines, and models of one. More engines: 409; more models of a list are left out. */
  enginesMax: 200,
  engineModelsMax: 1_000,
  /** Engines started from here: ended ones that are listed, and how long one may be idle at most, 30 days. */
  servingsEndedMax: 50,
  servingIdleMinutesMax: 43_200,
  /** Accounts at providers, machines of one and offers of one answer. More accounts: 409; more machines are left out. */
  providerAccountsMax: 50,
  accountInstancesMax: 2_000,
  offersMax: 100,
  /** Lines of the log of a rented machine at a time. */
  instanceLogLinesMax: 2_000,
  onStartLengthMax: 16_384,
  /** Workers that are launched at once. More: 400. */
  workersStartedMax: 100,
  /** A key of an engine. Longer: 400. */
  engineKeyLengthMax: 4_096,
  /** Requests that one engine may get at once. */
  engineConcurrencyMax: 10_000,
  pricePerMillionMax: 1_000_000,
  /** Requests of a batch, unless the server is told another bound. More: the batch fails. */
  batchRequestsMax: 1_000_000,
  /** Active batches of a member, and requests of all batches that wait, unless the server is told other bounds. More: 429. */
  batchesActiveMax: 50,
  batchRequestsWaitingMax: 10_000_000,
  /** Batches in one page of a list. */
  batchPageMax: 100,
  batchMetadataMax: 16,
  batchMetadataKeyLengthMax: 64,
  batchMetadataValueLengthMax: 512,
  batchPriorityMin: -10,
  batchPriorityMax: 10,
  /** Points of the history of a batch. */
  batchPointsMax: 480,
  batchLogLinesMax: 1_000,
  deadLetterPageMax: 200,
  /** A body of a failed request that is shown, and that can be sent changed. Longer: 400. */
  deadLetterBodyMax: 256 * 1024,
  batchRetryLinesMax: 100_000,
  /** Files in folders of results that are listed, and folders that they may lie below each other. */
  datasetsShown: 2_000,
  datasetDepthMax: 6,
  /** How long a worker may wait for requests, ms. */
  leaseWaitMsMax: 20_000,
  workerLeasesMax: 1_000,
  /** Results in one delivery, and its bytes. More: 400 and 413. */
  deliveredResultsMax: 1_000,
  deliveryBytesMax: 64 * 1024 * 1024,
  /** Deliveries in one page of a list, and those of one channel that are kept; the oldest that are over give way. */
  deliveryPageMax: 500,
  channelDeliveriesMax: 1_000,
  /** Alerts in one page of a list. */
  alertPageMax: 500,
  /** Names of saved views, and the part of an address that they hold. Longer: 400. */
  viewNameLengthMax: 128,
  viewSearchLengthMax: 8 * 1024,
  /** Text of a search and its conditions. More: 400. */
  searchLengthMax: 2_048,
  searchTermsMax: 32,
  /** Parts of the range that statistics over time have. More: 400. */
  historyPartsMax: 400,
  /** Names of values in one answer; jobs and values in one question for values. More: 400. */
  searchKeysMax: 100,
  searchValueJobsMax: 50,
  searchColumnsMax: 24,
  /** Jobs that are changed by one call. More: 400. */
  bulkJobsMax: 1_000,
  /** Metrics, settings and values of a summary, of each the first so many, that a job is found and sorted by. */
  jobValuesMax: 2_000,
  /** Projects with code. More: 409. */
  projectsMax: 500,
  /** Projects in one list; what is beyond is counted. */
  projectsShown: 1_000,
  /** Files that differ, and submodules, that are told of one project; what is beyond is counted. */
  projectFilesShown: 200,
  /** One word of a command line that is launched, words of it, and variables. More: 400. */
  launchWordLengthMax: 16_384,
  launchWordsMax: 1_000,
  launchVariablesMax: 200,
  launchDirectivesMax: 100,
  launchScriptLengthMax: 256 * 1024,
  /** Jobs of one sweep. More: 400. */
  launchVariantsMax: 200,
  /** Launches that are under way or followed. More: 409. */
  launchesFollowedMax: 2_000,
  /** An uploaded file, unless the server is told another bound. Above: 413, nothing of it stays. */
  fileBytesMax: 512 * 1024 * 1024,
  /** Files of one member, unless the server is told another bound. More: 409. */
  filesMax: 10_000,
  /** Files in one page of a list. */
  filePageMax: 10_000,
  /** A name of a file. Longer: 400. */
  fileNameLengthMax: 255,
  /** How long a file can be kept after it was made, s (OpenAI's bounds). Else: 400. */
  fileLifeSecondsMin: 3_600,
  fileLifeSecondsMax: 2_592_000,
  /** Uploads under way at a time. More: 429. */
  uploadsMax: 100,
  /** Saved views of one member, and shared ones of all members. More: 400. */
  memberViewsMax: 500,
  sharedViewsMax: 1_000,
} as const
