import {
  arnsOutput,
  recordsOutput,
  type SnapshotRecord,
  sizeText,
  stateText,
  worstState,
} from '../../domain/snapshot-record.js'
import type { Step } from '../../github/entry-point.js'
import { setOutputs } from '../../github/outputs.js'
import { markdownTable } from '../../github/summary.js'
import { timeline } from '../../github/timeline.js'
import { consoleUrl } from '../../lightsail/names.js'
import type { Watched } from '../../watch/watch.js'
import { barOf, resultHeading } from '../shared/result.js'

/** Sets every output as far as it is known. */
export function setRecordOutputs(records: readonly SnapshotRecord[], step: Step): void {
  const names = records.map(({ snapshotName }) => snapshotName)
  setOutputs<'wait'>(step, {
    state: worstState(records.map(({ state }) => state)),
    'snapshot-name': names[0] ?? '',
    'snapshot-names': JSON.stringify(names),
    'snapshot-arn': records[0]?.arn ?? '',
    'snapshot-arns': arnsOutput(records),
    snapshots: recordsOutput(records),
  })
}

/** Adds the result, the table of the snapshots and the timeline to the job summary. */
export async function summarize(
  records: readonly SnapshotRecord[],
  watched: readonly Watched[],
  { appendSummary, clock }: Step,
): Promise<void> {
  const rows = records.map((record) => [
    { text: [record.sourceType, record.sourceName].filter(Boolean).join(' ') },
    { text: record.snapshotName, url: consoleUrl },
    { text: stateText(record) },
    { text: sizeText(record) },
  ])
  const epoch = clock.now() - clock.monotonic()
  const bars = records.flatMap((record, index) => {
    const end = watched[index]
    if (end?.sawRunning !== true || record.createdAt === null) return []
    return [barOf(record, 'snapshot', Date.parse(record.createdAt), epoch + end.endedAtMs)]
  })
  const bad = watched.filter(({ failure }) => failure !== undefined).length
  const parts = [
    resultHeading({ records, planned: records.length, bad, not: 'complete' }),
    markdownTable(['Source', 'Snapshot', 'State', 'Size'], rows),
    timeline(bars),
  ]
  await appendSummary(parts.filter(Boolean).join('\n\n'))
}
