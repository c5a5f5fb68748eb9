// Replaces `@aws/lambda-invoke-store` in the bundle: outside of AWS Lambda it is empty.
export const InvokeStore = { getInstanceAsync: async () => undefined }
