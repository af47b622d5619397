/** A request that got no answer. `sent` tells whether the destination may have received it. */
export class NetworkError extends Error {
  readonly code: string;
  readonly sent: boolean;

  constructor(code: string, message: string, sent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = "NetworkError";
    this.code = code;
    this.sent = sent;
  }
}
