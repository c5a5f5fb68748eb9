import type { Copyable } from '../basics/failure.js'
import type { Run } from '../github/run-context.js'

// What a person does next, ready to copy. Only values inert in YAML and in workflow expressions are inserted.
const plain = /^[\w.-]+$/

/** A snapshot that wait/ can wait for. */
export interface Waitable {
  readonly snapshotName: string
  readonly operationId: string | null
}

/** Returns the step that waits for these snapshots; nothing if there are none, or if a name can't be inserted. */
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
  return [{ purpose: 'Keep waiting in a separate step, in this workflow or another', language: 'yaml', text }]
}

function listed(values: readonly string[]): string {
  return values.length === 1 ? `"${values[0]}"` : `|\n${values.map((value) => `      ${value}`).join('\n')}`
}

/** Returns the command that reruns the failed jobs of this run. */
export function runAgain({ runId, repository, serverUrl }: Run): Copyable {
  const host = serverUrl.replace(/^https?:\/\//, '')
  const where = host === 'github.com' ? repository : `${host}/${repository}`
  return {
    purpose: 'Rerun the failed jobs',
    language: 'sh',
    text: `gh run rerun ${runId} --failed --repo ${where}`,
  }
}
