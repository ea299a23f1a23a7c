"""Every bound of this package, and what happens at it. Those of the wire repeat `limits` of the contract."""

from __future__ import annotations

# The wire. Above these the server refuses a whole report, so the SDK cuts before it sends.
NAME_LENGTH_MAX = 256
TAGS_MAX = 64
TAG_LENGTH_MAX = 128
NOTES_LENGTH_MAX = 64 * 1024
STAGES_MAX = 256
CONFIG_BYTES_MAX = 512 * 1024
KEY_BYTES_MAX = 1024
KEYS_IN_BLOCK_MAX = 10_000
LINE_BYTES_MAX = 64 * 1024
MESSAGE_LENGTH_MAX = 60 * 1024
TRACEBACK_LENGTH_MAX = 500 * 1024

# One report stays far below the 8 MiB, 1,000,000 points and 50,000 lines that the server takes.
REPORT_NUMBERS_MAX = 400_000
REPORT_LINES_MAX = 20_000
REPORT_TEXT_MAX = 512 * 1024  # characters; a control character becomes six bytes of JSON

# Reports in one call, for those that waited; the server stores a row in one commit. Above: another call.
ROW_REPORTS_MAX = 512
ROW_BYTES_MAX = 512 * 1024

# Waiting in memory. Above: the oldest rows and writes are left out (of text: the newest), and it is said.
ROWS_WAITING_MAX = 200_000
WRITES_WAITING_MAX = 100_000
TEXT_WAITING_MAX = 32 * 1024 * 1024

# What is kept of the output of a rank that does not report, to be told when it fails: writes, characters of each, lines.
TAIL_WRITES_MAX = 500
TAIL_WRITE_LENGTH_MAX = 4_000
TAIL_LINES = 50

# Waiting on disk while the server is away, for one run. Above: new points and lines are left out, with one warning;
# the end of the job is always kept.
SPOOL_BYTES_MAX = 512 * 1024 * 1024
# The least that one of its files counts for: a disk gives whole blocks.
SPOOL_FILE_BYTES = 4096
# Room set aside beside them for the end of the run on a disk that is full by then.
SPOOL_RESERVE_BYTES = 1024 * 1024
# The same when the disk cannot be written either.
SPOOL_MEMORY_MAX = 64 * 1024 * 1024

# Pace, in seconds.
FLUSH_S = 0.08
# While reports become files: at first, when nobody has come for them for a while, and for the rest of a long absence.
FLUSH_AWAY_S = 0.8
FLUSH_LONG_AWAY_S = 5.0
LONG_AWAY_AFTER_S = 60.0
FLUSH_VERY_LONG_AWAY_S = 15.0
VERY_LONG_AWAY_AFTER_S = 3600.0
HEARTBEAT_S = 10.0
SAMPLE_S = 2.0
RETRY_FIRST_S = 0.5
RETRY_LONGEST_S = 10.0
# Where a mailbox brings everything anyway, the server itself is tried less often.
RETRY_MAILBOX_S = 30.0
RETRY_AFTER_LONGEST_S = 60.0
# A call without an answer for so long holds nothing up any more; looked at so often. The two together are what a crash may cost.
HANG_S = 0.5
HANG_LOOK_S = 0.4
CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 20.0
# So long the first answer is waited for before reports begin to go to disk.
FIRST_ANSWER_S = 1.0
EXIT_TIMEOUT_S = 10.0
# A server that answered before and is away at the end may just be starting again.
FAREWELL_S = 3.0
FAREWELL_PAUSE_S = 0.2
SIGNAL_TIMEOUT_S = 5.0
GIT_TIMEOUT_S = 2.0
TOOL_TIMEOUT_S = 5.0

# Jobs of one process whose runs are counted; above, the oldest are forgotten.
RUNS_REMEMBERED_MAX = 1_000
# Key sets remembered with their checked form; above, the memory starts anew.
KEY_SETS_MAX = 4_096
# Keys named in warnings; above, no further warning.
WARNINGS_MAX = 200

# Samples. An image is decoded, a body is JSON; as base64 on the wire an image has a third more.
SAMPLE_BYTES_MAX = 4 * 1024 * 1024
SAMPLE_WIRE_BYTES_MAX = 5_600_000
SAMPLE_TEXT_MAX = 256 * 1024
CELL_LENGTH_MAX = 16 * 1024
CAPTION_LENGTH_MAX = 1024
TABLE_COLUMNS_MAX = 1_000
TABLE_ROWS_MAX = 10_000
HISTOGRAM_BINS_MAX = 1_024
IMAGE_PIXELS_MAX = 16_000_000
SAMPLES_IN_LIST_MAX = 500
SAMPLES_IN_REPORT_MAX = 1_000
# Samples up to the first sum ride with other things in one report; larger sums have reports of their own.
REPORT_SAMPLES_SMALL = 1024 * 1024
REPORT_SAMPLES_MAX = 6 * 1024 * 1024
# Waiting in memory. Above: new samples are left out, with one warning.
SAMPLES_WAITING_BYTES_MAX = 128 * 1024 * 1024

METRIC_DEFINITIONS_MAX = 1_000
ALERT_TEXT_MAX = 16 * 1024
ALERTS_WAITING_MAX = 1_000
ALERTS_IN_REPORT_MAX = 100
ALERT_WAIT_S = 60.0
URI_LENGTH_MAX = 4_096
ARTIFACTS_IN_REPORT_MAX = 100
ARTIFACTS_WAITING_MAX = 1_000
ARTIFACT_FILES_MAX = 1_000
# Files up to the first size are read through for their checksum, up to the second in one artifact.
CHECKSUM_BYTES_MAX = 512 * 1024 * 1024
CHECKSUM_ALL_BYTES_MAX = 2 * 1024 * 1024 * 1024
# So long `init` waits for the server's word on a job that is to be resumed.
RESUME_TIMEOUT_S = 15.0

# Steering. Choices of a parameter, parameters of a job: what the server takes.
PARAMETER_CHOICES_MAX = 100
PARAMETER_TEXT_MAX = 1_000
# A folder of checkpoints: their places stay below what the server takes.
FOLDER_LENGTH_MAX = 3_800
DESCRIPTION_LENGTH_MAX = 16 * 1024
PARAMETERS_MAX = 200
COVERS_MAX = 20
REASON_LENGTH_MAX = 8 * 1024
STEERING_EVENTS_MAX = 1_000
# Events of steering that wait to be told. Above: the oldest are left out.
STEERING_WAITING_MAX = 20_000
# Orders that have arrived and wait for a control point. Above: the oldest are forgotten, and expire.
ORDERS_WAITING_MAX = 1_000
# One question for orders waits so long for the first one, in seconds; after a fault, and after an answer that came at once:
ORDERS_WAIT_S = 25.0
ORDERS_QUICK_S = 0.05
ORDERS_RETRY_FIRST_S = 0.05
ORDERS_RETRY_LONGEST_S = 5.0
# A mailbox is looked into at least so often.
ORDERS_LOOK_S = 0.4
# Copies of checkpoints. Parts of a file that are sent at once: larger on a good line, smaller after a fault.
COPY_PART_BYTES_MAX = 4 * 1024 * 1024
COPY_PART_BYTES_MIN = 64 * 1024
# Between two questions how far it is, and after a fault, in seconds.
COPY_PAUSE_S = 0.2
COPY_PAUSE_LONGEST_S = 10.0
# At the end of a job that has completed a copy under way is waited for so long, and so long without any progress.
COPY_END_S = 1800.0
COPY_STILL_S = 30.0
# The files of checkpoints are looked at so often; of more than that the oldest are not.
FILES_LOOK_S = 60.0
FILES_LOOKED_MAX = 10_000
# While a job is paused, the ranks tell each other so often that they are there.
PAUSE_BEAT_S = 5.0
# Ranks look for orders together about so often.
RANKS_EVERY_S = 1.0
RANKS_STEPS_MAX = 10_000
