// Replaces `@aws-sdk/signature-v4-multi-region` in the bundle, by which requests to the security token service are signed: without
// signatures for several Regions at once, which need a package that isn't there.
import { SignatureV4 } from '@smithy/signature-v4'

export class SignatureV4MultiRegion extends SignatureV4 {
  static sigv4aDependency() {
    return 'none'
  }
}
