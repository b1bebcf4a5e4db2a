export const client = {
  theEngineDidNotAcceptThisRequest: 'The engine did not accept this request.',
  theEngineCouldNotAnswer: (message: string) => `The engine could not answer: ${message}`,
} as const;
