import type { Copyable } from '../basics/failure.js'

// Remedies for errors, ready to copy.

/** The policy statement that allows these actions. */
export function missingStatement(actions: readonly string[]): Copyable {
  const list = actions.map((action) => `"${action}"`).join(', ')
  const text = `{\n  "Effect": "Allow",\n  "Action": [${list}],\n  "Resource": "*"\n}`
  return { purpose: "Add this statement to the role's policy", language: 'json', text }
}

/** The steps that get credentials. */
export function credentialsStep(region: string): Copyable {
  const text = `permissions:
  contents: read # for actions/checkout
  id-token: write # for OpenID Connect

steps:
  - uses: aws-actions/configure-aws-credentials@v6
    with:
      role-to-assume: arn:aws:iam::123456789012:role/deploy # yours
      aws-region: ${region}`
  return { purpose: 'The step that gets credentials, in the same job', language: 'yaml', text }
}

/** A name template that no other attempt, run or job shares. */
export const uniqueName: Copyable = {
  purpose: 'A snapshot-name that is unique to each run attempt',
  language: 'yaml',
  text: 'snapshot-name: "{{source}}-{{sha7}}-{{job}}-{{run_id}}-{{run_attempt}}"',
}

/** What to delete if a request would exceed a quota. */
export const spares: ReadonlyMap<string, string> = new Map([
  ['CreateDiskSnapshot', 'snapshots that you no longer need (keep-last and prune/ do that)'],
  ['CreateInstanceSnapshot', 'snapshots that you no longer need (keep-last and prune/ do that)'],
  ['CreateDiskFromSnapshot', 'disks that you no longer need, such as those that earlier roll-backs replaced'],
  [
    'CreateInstancesFromSnapshot',
    'instances that you no longer need, such as those that earlier roll-backs replaced',
  ],
])

/** The requests that set tags, for which the role needs a permission of its own. */
const withTags: ReadonlySet<string> = new Set([
  'CreateDiskSnapshot',
  'CreateInstanceSnapshot',
  'CreateDiskFromSnapshot',
  'CreateInstancesFromSnapshot',
])

/** Returns the IAM actions that a request needs. */
export function iamActionsOf(operation: string): string[] {
  const actions = withTags.has(operation) ? [operation, 'TagResource'] : [operation]
  return actions.map((action) => `lightsail:${action}`)
}
