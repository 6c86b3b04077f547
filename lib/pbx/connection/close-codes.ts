/** WebSocket close codes. @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
export const closeCodes = {
    goingAway: 1001,
    /** For one who may not be here. */
    policyViolation: 1008,
    messageTooBig: 1009,
    tryAgainLater: 1013,
};
