import { Failure } from '../basics/failure.js'

type Environment = Readonly<Record<string, string | undefined>>

/** Access keys that the environment itself has: they can't be renewed during a step. */
interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

/** Where the environment says that the credentials of a step come from. */
export interface CredentialSource {
  /** Such as `profile "deploy" (AWS_PROFILE)`; undefined if the environment names no source. */
  readonly name: string | undefined
  /** What to do if it gives no credentials. */
  readonly advice: string
  /** The part of the SDK's default chain that reads it, by its name in the SDK's debug log. */
  readonly chainLink: string
  readonly keys?: Keys
}

/** The way to new credentials. */
export const renew = 'Put aws-actions/configure-aws-credentials before this step'

// The variable that names a source, and what it needs besides. In the order of the SDK's default chain.
const namedSources = [
  {
    variable: 'AWS_PROFILE',
    needs: [],
    name: (profile: string) => `profile "${profile}" (AWS_PROFILE)`,
    advice: `Check the profile in ~/.aws/config and ~/.aws/credentials. ${renew} to do without it.`,
    chainLink: 'fromIni',
  },
  {
    variable: 'AWS_WEB_IDENTITY_TOKEN_FILE',
    needs: ['AWS_ROLE_ARN'],
    name: (file: string) => `the token in ${file} (AWS_WEB_IDENTITY_TOKEN_FILE)`,
    advice:
      'Check that this file contains a valid token, and that the role in AWS_ROLE_ARN trusts this repository.',
    chainLink: 'fromTokenFile',
  },
  ...(['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'] as const).map(
    (variable) => ({
      variable,
      needs: [],
      name: () => `the runner's container (${variable})`,
      advice: 'Check the role of the container or pod that the runner is in.',
      chainLink: 'remoteProvider',
    }),
  ),
] as const

/** The source that the SDK's default chain uses if the environment names none: a default profile, or the machine's role. */
export const unnamedSource: CredentialSource = {
  name: undefined,
  advice: 'Check the default profile in ~/.aws/config and ~/.aws/credentials.',
  chainLink: 'fromIni',
}

const keyVariables = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const

/**
 * Returns where the environment says that the credentials come from. Complete keys win over a profile, as they do for the AWS
 * CLI; the SDK's own chain would do the opposite. Throws a Failure if such a key is malformed.
 */
export function credentialSource(environment: Environment): CredentialSource {
  const keys = environmentKeys(environment)
  if (keys !== undefined) {
    const name = 'the access key in the environment (AWS_ACCESS_KEY_ID)'
    return { name, advice: `${renew}.`, chainLink: 'fromEnv', keys }
  }
  for (const source of namedSources) {
    const value = environment[source.variable]
    if (!value || !source.needs.every((other) => environment[other])) continue
    return { name: source.name(value), advice: source.advice, chainLink: source.chainLink }
  }
  return unnamedSource
}

function environmentKeys(environment: Environment): Keys | undefined {
  const [accessKeyId, secretAccessKey, sessionToken] = keyVariables.map((name) => environment[name])
  if (!accessKeyId || !secretAccessKey) return undefined
  const malformed = keyVariables.filter((name) => /[^\x21-\x7e]/.test(environment[name] ?? ''))
  if (malformed.length > 0) {
    throw new Failure(
      `${malformed.join(' and ')}: the value contains a line end, a space or another character that no key has.`,
      'Store the secret again without it. Nothing was sent to AWS.',
    )
  }
  const end = Date.parse(environment['AWS_CREDENTIAL_EXPIRATION'] ?? '')
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken ? { sessionToken } : {}),
    ...(Number.isNaN(end) ? {} : { expiration: new Date(end) }),
  }
}

/**
 * Keeps what each link of the SDK's default chain says when it fails. The chain throws only what its last link says, which is
 * never about the source that the environment names. It is passed to the SDK as a logger.
 */
export class ChainLog {
  readonly #said = new Map<string, string>()
  #link = ''

  readonly trace = () => {}
  readonly info = () => {}
  readonly warn = () => {}
  readonly error = () => {}

  readonly debug = (line: unknown) => {
    if (typeof line !== 'string') return
    this.#link = /^@aws-sdk\/credential-provider-node - defaultProvider::(\w+)/.exec(line)?.[1] ?? this.#link
    const said = /^@smithy\/property-provider (?:->|\(!\)) (.*)/s.exec(line)?.[1]
    if (said !== undefined && said !== noneFound) this.#said.set(this.#link, said)
  }

  /** What the link of this source said last; undefined if it said nothing. */
  saidOf({ name, chainLink }: CredentialSource): string | undefined {
    const said = this.#said.get(chainLink)
    // Without a profile, the chain looks for one called "default", and need not find it.
    return name === undefined && said?.startsWith('Could not resolve credentials using profile')
      ? undefined
      : said
  }
}

/** What the SDK's default chain says in the end. */
export const noneFound = 'Could not load credentials from any providers'

const longestSaid = 1000

/**
 * Removes what may be secret from what a source of credentials said: the command line of a credential process, values after words
 * such as `token=`, and long runs of letters and digits.
 */
export function withoutSecrets(said: string): string {
  return said
    .slice(0, longestSaid)
    .replace(/^Command failed: [^\n]*/, 'its command failed:')
    .replace(/\b(\w{0,30}(?:secret|token|password|key)\w{0,30}["']?\s?[=:]\s?["']?)[^\s"',}]+/gi, '$1***')
    .replace(/[\w+/=-]{16,}/g, (run) => (/\d/.test(run) && /[A-Za-z]/.test(run) ? '***' : run))
    .replace(/\s+/g, ' ')
}
