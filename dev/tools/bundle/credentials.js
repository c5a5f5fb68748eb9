// Replaces the packages of the AWS SDK that get credentials from anything but environment variables, and the clients that
// they use. The SDK imports each on demand. As one module they are one chunk, in which shared code is there once.
export { fromHttp } from '../../../node_modules/@aws-sdk/credential-provider-http/dist-es/index.js'
export { fromIni } from '../../../node_modules/@aws-sdk/credential-provider-ini/dist-es/index.js'
export { fromLoginCredentials } from '../../../node_modules/@aws-sdk/credential-provider-login/dist-es/index.js'
export { defaultProvider } from '../../../node_modules/@aws-sdk/credential-provider-node/dist-es/index.js'
export { fromProcess } from '../../../node_modules/@aws-sdk/credential-provider-process/dist-es/index.js'
export { fromSSO } from '../../../node_modules/@aws-sdk/credential-provider-sso/dist-es/index.js'
export { fromTokenFile } from '../../../node_modules/@aws-sdk/credential-provider-web-identity/dist-es/index.js'
export {
  CreateOAuth2TokenCommand,
  SigninClient,
} from '../../../node_modules/@aws-sdk/nested-clients/dist-es/submodules/signin/index.js'
export {
  GetRoleCredentialsCommand,
  SSOClient,
} from '../../../node_modules/@aws-sdk/nested-clients/dist-es/submodules/sso/index.js'
export {
  CreateTokenCommand,
  SSOOIDCClient,
} from '../../../node_modules/@aws-sdk/nested-clients/dist-es/submodules/sso-oidc/index.js'
export {
  getDefaultRoleAssumer,
  getDefaultRoleAssumerWithWebIdentity,
} from '../../../node_modules/@aws-sdk/nested-clients/dist-es/submodules/sts/index.js'
export {
  ENV_CMDS_FULL_URI,
  ENV_CMDS_RELATIVE_URI,
  fromContainerMetadata,
  fromInstanceMetadata,
} from '../../../node_modules/@smithy/credential-provider-imds/dist-es/index.js'
