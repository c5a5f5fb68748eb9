// Replaces `@actions/github` in the bundle: the same `context`, without the Octokit that the package also creates.
import { Context } from '../../../node_modules/@actions/github/lib/context.js'

export const context = new Context()
