import type { Copyable } from '../basics/failure.js'
import type { Run } from '../github/run-context.js'

// What a person does next, ready to copy. Only a text that means nothing to YAML nor to a workflow is put into a step.
const plain = /^[\w.-]+$/

/** What to give wait/ of one snapshot. */
export interface Waitable {
  readonly snapshotName: string
  readonly operationId: string | null
}

/** The step that waits for these snapshots, which go on; none where there are none, or names that no step can have. */
export function waitStep(
  running: readonly Waitable[],
  region: string,
  { actionRepository, actionRef }: Run,
): Copyable[] {
  const ids = running.flatMap(({ operationId }) => operationId ?? [])
  const hasIds = ids.length === running.length
  const values = hasIds ? ids : running.map(({ snapshotName }) => snapshotName)
  if (values.length === 0 || !values.every((value) => plain.test(value))) return []
  const input = hasIds ? 'operation-id' : 'snapshot-name'
  const uses = `${actionRepository || 'OWNER/lightsail-disk-snapshot'}/wait@${actionRef || 'v1'}`
  const text = `- uses: ${uses}
  with:
    ${input}: ${listed(values)}
    aws-region: ${region}
    wait-timeout: 2h`
  return [{ purpose: 'Wait on in a step of its own, in this workflow or another', language: 'yaml', text }]
}

function listed(values: readonly string[]): string {
  return values.length === 1 ? `"${values[0]}"` : `|\n${values.map((value) => `      ${value}`).join('\n')}`
}

/** The command that runs the failed jobs of this run again. */
export function runAgain({ runId, repository, serverUrl }: Run): Copyable {
  const host = serverUrl.replace(/^https?:\/\//, '')
  const where = host === 'github.com' ? repository : `${host}/${repository}`
  return {
    purpose: 'Run the failed jobs again',
    language: 'sh',
    text: `gh run rerun ${runId} --failed --repo ${where}`,
  }
}
